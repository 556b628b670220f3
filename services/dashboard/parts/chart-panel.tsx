/** The chart with its title and periods: a panel on a wide screen, a sheet over the page on a phone. */

import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { PERIODS } from '../model/chart-question.ts'
import { describeChannel } from '../model/describe-channel.ts'
import { ChartPlot } from './chart-plot.tsx'
import { ChartSummary } from './chart-summary.tsx'
import { LineIcon } from './icons.tsx'
import { usePage } from './page-context.ts'

/** On a wide screen what the first alert is about, else the first station's first value, is shown until somebody chooses. */
function useFirstChoice(): void {
  const { chart, stations, alerts } = usePage()
  useSignalEffect(() => {
    if (chart.selection.value !== null || !stations.loaded.value) return
    const proof = alerts.ordered.value[0]?.alert.value.evidence[0]
    if (proof !== undefined) {
      chart.select({ device: proof.device, channel: proof.channel }, { openSheet: false })
      return
    }
    const station = stations.ordered.value.find((candidate) => candidate.cells.value.length > 0)
    const cell = station?.cells.value[0]
    if (station !== undefined && cell !== undefined)
      chart.select({ device: station.id, channel: cell.channel }, { openSheet: false })
  })
}

function Periods() {
  const { chart, words } = usePage()
  return (
    <fieldset class="switch" aria-label={words.value.period}>
      {PERIODS.map((period) => (
        <button
          key={period}
          type="button"
          aria-pressed={chart.period.value === period}
          onClick={() => chart.setPeriod(period)}
        >
          {words.value.periods[period]}
        </button>
      ))}
    </fieldset>
  )
}

export function ChartPanel() {
  const { chart, stations, words, language } = usePage()
  useFirstChoice()
  const panel = useRef<HTMLElement>(null)
  const cameFrom = useRef<HTMLElement | null>(null)
  const open = chart.sheetOpen.value
  const selection = chart.selection.value
  const station = selection === null ? undefined : stations.find(selection.device)
  const unit = station?.cells.value.find((cell) => cell.channel === selection?.channel)?.unit ?? null
  const about = selection === null ? null : describeChannel(selection.channel, unit, language.value)

  const close = (): void => {
    chart.sheetOpen.value = false
    cameFrom.current?.focus()
  }

  // As a sheet it covers what was pressed: focus goes along, and back when it closes.
  useEffect(() => {
    const element = panel.current
    if (!open || element === null || getComputedStyle(element).position !== 'fixed') return
    cameFrom.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
    element.focus()
  }, [open])

  return (
    <section
      ref={panel}
      class="panel chart"
      data-open={open}
      aria-labelledby="chart-title"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      <div class="panel-head">
        <h2 id="chart-title" class="chart-title">
          {about === null ? words.value.chart : about.name}
          <span class="chart-where">
            {station?.facts.value.name ?? selection?.device ?? ''}
            {about !== null && about.unit !== '' && ` · ${about.unit}`}
          </span>
        </h2>
        <Periods />
        <button type="button" class="quiet sheet-close" aria-label={words.value.close} onClick={close}>
          <LineIcon name="close" />
        </button>
      </div>
      {selection === null || about === null ? (
        <p class="empty">{words.value.chooseValue}</p>
      ) : (
        <ChartPlot selection={selection} about={about} />
      )}
      {selection !== null && about !== null && <ChartSummary about={about} />}
    </section>
  )
}
