/** One station: how it is doing, and the last value of each channel as a button that opens its chart. */

import type { ReadonlySignal } from '@preact/signals'
import { useComputed } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { durationWords } from '../model/age-words.ts'
import { isOfBox } from '../model/describe-channel.ts'
import type { Cell, Station } from '../state/station-store.ts'
import { SeverityIcon } from './icons.tsx'
import { usePage } from './page-context.ts'
import { useNearView } from './use-near-view.ts'
import { ValueTile } from './value-tile.tsx'

/** So many cards are drawn without waiting for the view to come near. */
const DRAWN_AT_ONCE = 40

function HealthWords({ station, clock }: { station: Station; clock: ReadonlySignal<number> }) {
  const { words } = usePage()
  const text = useComputed(() => {
    const last = station.lastReceivedAt.value
    if (last === null) return words.value.neverHeard
    if (station.health.value !== 'silent') return words.value.health[station.health.value]
    return words.value.silentFor(durationWords(clock.value - last, words.value))
  })
  return (
    <span class="health" data-health={station.health.value}>
      {text}
    </span>
  )
}

export function StationCard({ station }: { station: Station }) {
  const { words, stations, now } = usePage()
  const card = useRef<HTMLLIElement>(null)
  const near = useNearView(card)
  const drawn = useRef(false)
  drawn.current = drawn.current || near.value || stations.ordered.value.length <= DRAWN_AT_ONCE
  // Of five hundred stations a dozen are in view: the others neither tick nor have their values drawn until they are scrolled to.
  const clock = useComputed(() => (near.value ? now.value : now.peek()))
  const { name, simulated } = station.facts.value
  const { worstAlert, health } = station.state.value
  const cells = station.cells.value
  const tile = (cell: Cell) => <ValueTile key={cell.channel} station={station} cell={cell} clock={clock} />
  return (
    <li ref={card} class="station" data-drawn={drawn.current} data-health={health} data-alert={worstAlert ?? 'none'}>
      <div class="station-head">
        {worstAlert !== null && (
          <span class="severity" data-severity={worstAlert}>
            <SeverityIcon severity={worstAlert} />
            <span class="voice">{words.value.severity[worstAlert]}: </span>
          </span>
        )}
        <h3>{name ?? station.id}</h3>
        {name !== undefined && <span class="station-id">{station.id}</span>}
        {simulated === true && stations.mixed.value && <span class="tag">{words.value.flags.simulated}</span>}
        <HealthWords station={station} clock={clock} />
      </div>
      {cells.length === 0 && <p class="empty">{words.value.noValues}</p>}
      {cells.length > 0 && drawn.current && (
        <>
          <div class="values">{cells.filter((cell) => !isOfBox(cell.channel)).map(tile)}</div>
          <div class="box-values">{cells.filter((cell) => isOfBox(cell.channel)).map(tile)}</div>
        </>
      )}
    </li>
  )
}
