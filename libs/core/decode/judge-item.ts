/** Decode's second phase: with the store's answers, what is new, revised, out of order or known. */

import type { Outcome } from '../ledger.ts'
import { FLAG, type Reading } from '../reading.ts'
import type { BatchOverlay } from './batch-overlay.ts'
import type { SeriesState } from './device-state.ts'
import { type PendingItem, STAMP_TRIES, type Stamp } from './pending.ts'

/** What is known of stored points: the store's answers, in the order of the questions, and what the batch stored since. */
export interface Known {
  readonly found: readonly (number | undefined)[]
  /** Undefined until the first need: a batch in order has none. */
  overlay: BatchOverlay | undefined
  makeOverlay(): BatchOverlay
}

const LATE = FLAG.late
const OUT_OF_ORDER = FLAG['out-of-order']
const OUT_OF_RANGE = FLAG['out-of-range']
const REVISED = FLAG.revised
const NEVER_LATEST = FLAG['clock-suspect'] | FLAG.calibrating | FLAG.fault | OUT_OF_RANGE

function overlayOf(known: Known): BatchOverlay {
  known.overlay ??= known.makeOverlay()
  return known.overlay
}

/** Judges the values of a message in their order, moves the series on, and adds new and revised readings to its record. */
export function judgeItem(item: PendingItem, known: Known): Outcome {
  const { series: all, values, readings } = item
  let stored = 0
  for (let index = 0; index < all.length; index++) {
    const series = all[index]
    const value = values[index]
    if (series === undefined || value === undefined) continue
    const stamp = item.stamps?.[index]
    const reading =
      stamp === undefined
        ? byDevice(item, series, value, item.asked?.[index] ?? -1, known)
        : byArrival(item, series, value, stamp, known)
    if (reading === null) continue
    stored++
    readings.push(reading)
    known.overlay?.add(reading)
  }
  if (stored === 0) return 'duplicate'
  return stored === all.length && !item.hasRefused ? 'stored' : 'partial'
}

/** A value at the device's own time: (channel, ts) is its identity. Null for a repetition. */
function byDevice(
  item: PendingItem,
  series: SeriesState,
  value: number,
  question: number,
  known: Known,
): Reading | null {
  const { ts } = item
  let flags = item.flags | series.flags | rangeFlag(series, value)
  if (ts <= series.highWater) {
    const before = valueAt(series, ts, question, known)
    if (before === value) {
      // After the clock was set back, a repetition may be the first sign that this time has really come.
      if (ts > series.newest) series.newest = ts
      return null
    }
    if (before !== undefined) flags |= REVISED
  }
  if (ts < series.newest && (flags & LATE) === 0) flags |= OUT_OF_ORDER
  moveOn(series, ts, ts, value, item.receivedAt, flags)
  return {
    device: item.device,
    channel: series.channel,
    series: series.id,
    ts,
    value,
    receivedAt: item.receivedAt,
    flags,
  }
}

/** A value without a credible time, stored at its arrival. Null for a repetition of a suspect point. */
function byArrival(item: PendingItem, series: SeriesState, value: number, stamp: Stamp, known: Known): Reading | null {
  const isSuspect = item.clock === 'suspect'
  if (stamp.claim >= 0) {
    const before = overlayOf(known).claimedAt(series.id, item.ts) ?? known.found[stamp.claim]
    if (before === value) return null
  }
  const ts = freeTime(series, stamp, known)
  let flags = item.flags | series.flags | rangeFlag(series, value)
  if (!isSuspect && stamp.ts < series.newest) flags |= OUT_OF_ORDER
  moveOn(series, ts, stamp.ts, value, item.receivedAt, flags)
  const { device, receivedAt } = item
  const reading = { device, channel: series.channel, series: series.id, ts, value, receivedAt, flags }
  return isSuspect ? { ...reading, claimedTs: item.ts } : reading
}

const rangeFlag = (series: SeriesState, value: number): number =>
  value < series.min || value > series.max ? OUT_OF_RANGE : 0

/** The value stored at a point that is not later than the high-water mark. */
function valueAt(series: SeriesState, ts: number, question: number, known: Known): number | undefined {
  if (ts === series.highWater) return series.highValue
  const inBatch = overlayOf(known).valueAt(series.id, ts)
  if (inBatch !== undefined) return inBatch
  if (ts === series.baseTs) return series.baseValue
  return ts < series.baseTs ? known.found[question] : undefined
}

/** The first free time from the arrival on, or, where STAMP_TRIES are taken, the one behind all of the series. */
function freeTime(series: SeriesState, stamp: Stamp, known: Known): number {
  for (let ahead = 0; ahead < STAMP_TRIES; ahead++) {
    const ts = stamp.ts + ahead
    if (ts > series.highWater || valueAt(series, ts, stamp.free + ahead, known) === undefined) return ts
  }
  return Math.floor(series.highWater) + 1 + (stamp.ts % 1)
}

/** `rank` is the time by which the reading competes for newest and latest. */
function moveOn(series: SeriesState, ts: number, rank: number, value: number, receivedAt: number, flags: number): void {
  if (ts >= series.highWater) {
    series.highWater = ts
    series.highValue = value
  }
  if ((flags & FLAG['clock-suspect']) !== 0) return
  if (rank > series.newest) series.newest = rank
  if ((flags & NEVER_LATEST) !== 0 || rank < series.latestRank) return
  series.latestTs = ts
  series.latestRank = rank
  series.latestValue = value
  series.latestReceivedAt = receivedAt
  series.latestFlags = flags
}
