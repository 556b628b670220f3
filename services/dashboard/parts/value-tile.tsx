/** The last value of one channel: name, value with unit, age, doubts in words. Pressing it shows its chart. */

import type { ReadonlySignal } from '@preact/signals'
import { useComputed } from '@preact/signals'
import { ageWords } from '../model/age-words.ts'
import { describeChannel, formatValue, withUnit } from '../model/describe-channel.ts'
import { doubtsOf } from '../model/judge-flags.ts'
import { ageColour } from '../model/judge-station.ts'
import type { Cell, Shown, Station } from '../state/station-store.ts'
import { useAge, usePage } from './page-context.ts'

function Refused({ cell, refused, clock }: { cell: Cell; refused: Shown; clock: ReadonlySignal<number> }) {
  const { words, language } = usePage()
  const text = useComputed(() => {
    const about = describeChannel(cell.channel, cell.unit, language.value)
    const value = withUnit(formatValue(refused.value, about, language.value, words.value), about.unit)
    const why = doubtsOf(refused.flags).map((flag) => words.value.flags[flag])
    return words.value.notUsed(value, why.join(', '), ageWords(clock.value - refused.ts, words.value))
  })
  return <span class="value-refused">{text}</span>
}

export interface ValueTileProps {
  readonly station: Station
  readonly cell: Cell
  /** The page's clock while the tile is in view. */
  readonly clock: ReadonlySignal<number>
}

export function ValueTile({ station, cell, clock }: ValueTileProps) {
  const { words, language, chart } = usePage()
  const shown = cell.shown.value
  const refused = cell.refused.value
  const about = describeChannel(cell.channel, cell.unit, language.value)
  const age = useAge(() => cell.shown.value?.ts ?? null, clock)
  const colour = useComputed(() =>
    cell.shown.value === null ? 'none' : ageColour(clock.value - cell.shown.value.ts, station.heard.value),
  )
  const chosen = useComputed(
    () => chart.selection.value?.device === station.id && chart.selection.value.channel === cell.channel,
  )
  const doubts = doubtsOf(shown?.flags ?? [])
  return (
    <button
      type="button"
      class="value"
      data-age={colour}
      data-chosen={chosen.value}
      aria-pressed={chosen.value}
      onClick={() => chart.select({ device: station.id, channel: cell.channel }, { openSheet: true })}
    >
      <span class="value-name">{about.name}</span>
      <span class="value-number">
        {shown === null ? '–' : formatValue(shown.value, about, language.value, words.value)}
        {about.unit !== '' && ' '}
        {about.unit !== '' && <span class="value-unit">{about.unit}</span>}
      </span>
      <span class="value-age">{age}</span>
      {doubts.length > 0 && (
        <span class="value-doubts">
          {doubts.map((flag) => (
            <span key={flag} class="doubt">
              {words.value.flags[flag]}
            </span>
          ))}
        </span>
      )}
      {refused !== null && <Refused key={refused.ts} cell={cell} refused={refused} clock={clock} />}
    </button>
  )
}
