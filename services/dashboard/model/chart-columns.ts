/** Columns for the chart out of points in time order: the curve with its gaps, its range, and the points beside it. */

import type { FlagName } from '../../../libs/core/reading.ts'
import { doubtsOf, isUnusable } from './judge-flags.ts'
import { gapLimitMs, gapsAfter } from './split-gaps.ts'

export interface ChartPoint {
  /** Epoch milliseconds. */
  readonly ts: number
  readonly value: number
  /** Lowest and highest of a bucket; the value itself for a raw reading. */
  readonly low: number
  readonly high: number
  readonly flags: readonly FlagName[]
  /** A reading, not a bucket. A bucket's value leaves unusable readings out already, though its flags name them. */
  readonly raw: boolean
}

/** null interrupts a curve; undefined leaves it as it is. */
type Column = (number | null | undefined)[]

export interface ChartColumns {
  /** Epoch seconds, as uPlot wants them. */
  readonly x: number[]
  readonly low: Column
  readonly high: Column
  readonly value: Column
  /** The point behind each x, null in the middle of a gap. */
  readonly points: (ChartPoint | null)[]
  /** Lowest and highest of the curve; null where there is no curve. */
  readonly range: readonly [low: number, high: number] | null
}

/** Not on the curve: drawn beside it. */
export const isBeside = (point: ChartPoint): boolean => point.raw && isUnusable(point.flags)
export const isMarked = (point: ChartPoint): boolean => doubtsOf(point.flags).length > 0

export function chartColumns(points: readonly ChartPoint[], expectedMs: number, everyMs: number): ChartColumns {
  const columns: ChartColumns & { range: [number, number] | null } = {
    x: [],
    low: [],
    high: [],
    value: [],
    points: [],
    range: null,
  }
  const push = (
    ts: number,
    low: number | null | undefined,
    value: number | null | undefined,
    high: number | null | undefined,
    point: ChartPoint | null,
  ): void => {
    columns.x.push(ts / 1000)
    columns.low.push(low)
    columns.value.push(value)
    columns.high.push(high)
    columns.points.push(point)
  }
  // A station that answers, but with values nobody can use, leaves a gap in the curve as well.
  const onCurve = points.filter((point) => !isBeside(point))
  const times = onCurve.map((point) => point.ts)
  const breaks = new Set(gapsAfter(times, gapLimitMs(times, expectedMs, everyMs)))
  const breakTimes = [...breaks].map((index) => ((times[index] ?? 0) + (times[index + 1] ?? 0)) / 2)
  let nextBreak = 0
  for (const point of points) {
    for (let at = breakTimes[nextBreak]; at !== undefined && at <= point.ts; at = breakTimes[nextBreak]) {
      push(at, null, null, null, null)
      nextBreak += 1
    }
    if (isBeside(point)) {
      push(point.ts, undefined, undefined, undefined, point)
      continue
    }
    push(point.ts, point.low, point.value, point.high, point)
    const [low, high] = columns.range ?? [point.low, point.high]
    columns.range = [Math.min(low, point.low), Math.max(high, point.high)]
  }
  return columns
}

/** What the axis shows: the curve with a little air, and at least twenty steps, so that a sensor's noise does not look like a storm. */
export function axisRange(range: readonly [number, number] | null, step: number): [number, number] {
  if (range === null) return [0, 1]
  const [low, high] = range
  const air = Math.max((high - low) * 0.12, (20 * step - (high - low)) / 2)
  return [low - air, high + air]
}
