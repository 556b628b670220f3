/** Down-sampling of readings held in memory. Pure. */

import { flagNames, type Reading, UNTRUSTED_FLAGS } from '../../core/reading.ts'
import type { Aggregate, Point, ReadingsQuery } from '../../ports/reading-store.ts'

const DAY_MS = 86_400_000
/** Asia/Ho_Chi_Minh: UTC+7 all year. */
const LOCAL_MS = 7 * 3_600_000

type Every = NonNullable<ReadingsQuery['every']>

/** One point a bucket that has a result; `readings` sorted by time. */
export function bucketPoints(readings: readonly Reading[], every: Every, flagged: ReadingsQuery['flagged']): Point[] {
  const buckets = new Map<number, Reading[]>()
  for (const reading of readings) {
    const start = bucketStart(reading.ts, every.milliseconds)
    const bucket = buckets.get(start)
    if (bucket === undefined) buckets.set(start, [reading])
    else bucket.push(reading)
  }
  return [...buckets].flatMap(([start, all]): Point[] => {
    const trusted = flagged === 'include' ? all : all.filter(({ flags }) => (flags & UNTRUSTED_FLAGS) === 0)
    const result = every.fn === 'count' ? all.length : aggregate(every.fn, trusted)
    const flags = all.reduce((union, reading) => union | reading.flags, 0)
    return result === undefined ? [] : [[start, result, flagNames(flags)]]
  })
}

function bucketStart(ts: number, every: number): number {
  const local = ts + LOCAL_MS
  // Whole days are counted from the epoch, parts of a day from that day's midnight.
  const from = every >= DAY_MS ? 0 : Math.floor(local / DAY_MS) * DAY_MS
  return from + Math.floor((local - from) / every) * every - LOCAL_MS
}

function aggregate(fn: Exclude<Aggregate, 'count'>, readings: readonly Reading[]): number | undefined {
  const values = readings.map(({ value }) => value)
  if (values.length === 0) return undefined
  switch (fn) {
    case 'mean':
      return values.reduce((sum, value) => sum + value, 0) / values.length
    case 'min':
      return values.reduce((least, value) => Math.min(least, value))
    case 'max':
      return values.reduce((most, value) => Math.max(most, value))
    case 'last':
      return values.at(-1)
  }
}
