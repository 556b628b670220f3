/** Holds the chart's canvas: makes it anew for another value, period or language, and feeds it points as they come. */

import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { channelOf } from '../../../libs/core/catalogue/channels.ts'
import { readChartColours } from '../chart/chart-colours.ts'
import type { Chart } from '../chart/create-chart.ts'
import { createChart } from '../chart/create-chart.ts'
import type { ChartPoint } from '../model/chart-columns.ts'
import { CHART_QUESTIONS } from '../model/chart-question.ts'
import { dayWords } from '../model/clock-words.ts'
import type { ChannelWords } from '../model/describe-channel.ts'
import { formatValue, withUnit } from '../model/describe-channel.ts'
import { digitsOfStep, formatNumber } from '../model/format-number.ts'
import type { Selection } from '../state/chart-store.ts'
import { ChartTip } from './chart-tip.tsx'
import { usePage } from './page-context.ts'

const DARK = '(prefers-color-scheme: dark)'

export function ChartPlot({ selection, about }: { selection: Selection; about: ChannelWords }) {
  const { chart, stations, language, now, words } = usePage()
  const frame = useRef<HTMLDivElement>(null)
  const drawn = useSignal<Chart | null>(null)
  const dark = useSignal(matchMedia(DARK).matches)
  const tip = useSignal<{ point: ChartPoint; left: number; width: number } | null>(null)
  const period = chart.period.value
  const boolean = chart.boolean.value
  const status = chart.status.value

  useEffect(() => {
    const media = matchMedia(DARK)
    const note = (): void => {
      dark.value = media.matches
    }
    media.addEventListener('change', note)
    return () => media.removeEventListener('change', note)
  }, [dark])

  useEffect(() => {
    const parent = frame.current
    if (parent === null) return
    const { spanMs, everyMs } = CHART_QUESTIONS[period]
    const made = createChart(parent, {
      spanMs,
      everyMs,
      expectedMs: (stations.find(selection.device)?.facts.peek().expectedIntervalSeconds ?? 0) * 1000,
      step: channelOf(selection.channel)?.step ?? 0.01,
      boolean,
      colours: readChartColours(parent),
      now: () => now.peek(),
      formatAxis: (value, step) =>
        boolean
          ? formatValue(value === 1, about, language.peek(), words.peek())
          : formatNumber(value, digitsOfStep(step), language.peek()),
      formatDay: (ms) => dayWords(ms, language.peek()),
      onPoint: (point, left, plot) => {
        tip.value = point === null ? null : { point, left: left + plot.over.offsetLeft, width: plot.width }
      },
    })
    const observer = new ResizeObserver(() => {
      if (parent.clientWidth > 0 && parent.clientHeight > 0) made.resize(parent.clientWidth, parent.clientHeight)
    })
    observer.observe(parent)
    drawn.value = made
    return () => {
      observer.disconnect()
      made.destroy()
      drawn.value = null
      tip.value = null
    }
  }, [selection.device, selection.channel, period, language.value, dark.value, boolean])

  useSignalEffect(() => {
    drawn.value?.draw(chart.points.value, chart.spans.value, chart.beginsAt.value)
  })

  const says =
    status.step === 'failed'
      ? words.value.chartFailed(status.why.status === 0 ? words.value.serverAway : status.why.message)
      : words.value.chartEmpty
  const value = (n: number): string =>
    withUnit(formatValue(boolean ? n === 1 : n, about, language.value, words.value), about.unit)
  return (
    <div
      class="plot"
      role="img"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move along its points
      tabIndex={0}
      aria-label={words.value.chartKeys}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
        event.preventDefault()
        drawn.peek()?.step(event.key === 'ArrowLeft' ? -1 : 1)
      }}
      onBlur={() => drawn.peek()?.leave()}
    >
      <div class="plot-frame" ref={frame} />
      <ChartTip tip={tip} format={value} />
      {status.step === 'loading' && <p class="plot-note">{words.value.chartLoading}</p>}
      {(status.step === 'failed' || (status.step === 'ready' && chart.points.value.length === 0)) && (
        <p class="plot-note">
          {says}
          {status.step === 'failed' && (
            <button type="button" class="quiet" onClick={() => void chart.load()}>
              {words.value.retry}
            </button>
          )}
        </p>
      )}
    </div>
  )
}
