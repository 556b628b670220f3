/** Joins the mean, lowest and highest of the same buckets into points of the chart. */

import type { WirePoint } from '../wire/wire.ts'
import type { ChartPoint } from './chart-columns.ts'

const numbersByTime = (points: readonly WirePoint[]): ReadonlyMap<string, number> =>
  new Map(points.flatMap(([ts, value]) => (value === null ? [] : [[ts, Number(value)] as const])))

/** Without `lows` and `highs` the values are raw readings. A bucket without a value is left out: it is a gap. */
export function mergeBuckets(
  values: readonly WirePoint[],
  lows: readonly WirePoint[] | null,
  highs: readonly WirePoint[] | null,
): ChartPoint[] {
  const low = numbersByTime(lows ?? [])
  const high = numbersByTime(highs ?? [])
  const points: ChartPoint[] = []
  for (const [ts, value, flags] of values) {
    if (value === null) continue
    const number = Number(value)
    points.push({
      ts: Date.parse(ts),
      value: number,
      low: low.get(ts) ?? number,
      high: high.get(ts) ?? number,
      flags,
      raw: lows === null,
    })
  }
  return points
}
