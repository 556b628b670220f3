/** Under the chart, in text: lowest, highest and newest value of the period, and what the marks mean. */

import { isBeside, isMarked } from '../model/chart-columns.ts'
import { whenWords } from '../model/clock-words.ts'
import type { ChannelWords } from '../model/describe-channel.ts'
import { formatValue, withUnit } from '../model/describe-channel.ts'
import { SEVERITY_RANK } from '../model/judge-station.ts'
import { usePage } from './page-context.ts'

export function ChartSummary({ about }: { about: ChannelWords }) {
  const { chart, words, language, now } = usePage()
  const begins = chart.beginsAt.value
  const text = words.value
  const points = chart.points.value
  const usable = points.filter((point) => !isBeside(point))
  const format = (n: number | undefined): string =>
    n === undefined || !Number.isFinite(n)
      ? '–'
      : withUnit(formatValue(chart.boolean.value ? n === 1 : n, about, language.value, text), about.unit)
  const low = usable.reduce((least, point) => Math.min(least, point.low), Number.POSITIVE_INFINITY)
  const high = usable.reduce((most, point) => Math.max(most, point.high), Number.NEGATIVE_INFINITY)
  const worst = chart.spans.value.map((span) => span.severity).sort((a, b) => SEVERITY_RANK[b] - SEVERITY_RANK[a])[0]
  return (
    <div class="chart-summary">
      <dl>
        <div>
          <dt>{text.lowest}</dt>
          <dd>{format(low)}</dd>
        </div>
        <div>
          <dt>{text.highest}</dt>
          <dd>{format(high)}</dd>
        </div>
        <div>
          <dt>{text.newest}</dt>
          <dd>{format(usable[usable.length - 1]?.value)}</dd>
        </div>
      </dl>
      <ul class="legend">
        {begins !== null && (
          <li class="legend-begins">{text.measuredSince(whenWords(begins, now.peek(), language.value))}</li>
        )}
        {points.some((point) => point.low !== point.high) && <li class="legend-range">{text.legendRange}</li>}
        {worst !== undefined && (
          <li class="legend-alert" data-severity={worst}>
            {text.legendAlert}
          </li>
        )}
        {usable.some(isMarked) && <li class="legend-marked">{text.legendMarked}</li>}
        {points.length > usable.length && <li class="legend-unused">{text.legendUnused}</li>}
      </ul>
    </div>
  )
}
