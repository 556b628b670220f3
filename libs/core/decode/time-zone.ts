/** Local wall-clock time to UTC in IANA zones, for time stamps that carry no offset. */

import { DEFAULT_TIME_ZONE } from '../device.ts'

/** Takes a wall-clock time as if it were UTC, and gives the UTC instant; both epoch milliseconds. */
export type LocalToUtc = (local: number) => number

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
// Việt Nam has kept +07:00 since 1975-06-13 (IANA tz database, Asia/Ho_Chi_Minh).
const VIETNAM_STEADY_SINCE = Date.UTC(1976, 0, 1)
// Offsets change at whole quarters of an hour in every zone that devices of today can mean.
const BUCKET_MS = HOUR_MS / 4
const MAX_BUCKETS = 4096
// Before zones were legal time, Intl knows local mean time at best, and its year goes below 1.
const EARLIEST = Date.UTC(1900, 0, 1)
const MAX_ZONES = 1000

const zones = new Map<string, LocalToUtc | null>()

/** The zone's conversion, or null where the name is not an IANA zone. Remembered: Intl formatters cost milliseconds. */
export function timeZone(name: string): LocalToUtc | null {
  const known = zones.get(name)
  if (known !== undefined) return known
  if (zones.size >= MAX_ZONES) zones.clear()
  const made = makeZone(name)
  zones.set(name, made)
  return made
}

function makeZone(name: string): LocalToUtc | null {
  const offsetAt = makeOffsets(name)
  if (offsetAt === null) return null
  if (name !== DEFAULT_TIME_ZONE) return (local) => toUtc(local, offsetAt)
  return (local) => (local >= VIETNAM_STEADY_SINCE ? local - 7 * HOUR_MS : toUtc(local, offsetAt))
}

/**
 * In the hour that occurs twice the first occurrence is meant; a time that the clocks jumped over is read with the
 * offset before the jump: `compatible` of ECMAScript Temporal, RFC 5545 section 3.3.5.
 */
function toUtc(local: number, offsetAt: (utc: number) => number): number {
  const before = offsetAt(local - DAY_MS)
  const after = offsetAt(local + DAY_MS)
  const early = local - before
  if (before === after || offsetAt(early) === before) return early
  const late = local - after
  return offsetAt(late) === after ? late : early
}

function makeOffsets(name: string): ((utc: number) => number) | null {
  const format = makeFormat(name)
  if (format === null) return null
  const buckets = new Map<number, number>()
  return (utc) => {
    const bucket = Math.floor(Math.max(utc, EARLIEST) / BUCKET_MS)
    const known = buckets.get(bucket)
    if (known !== undefined) return known
    if (buckets.size >= MAX_BUCKETS) buckets.clear()
    const offset = readOffset(format, bucket * BUCKET_MS)
    buckets.set(bucket, offset)
    return offset
  }
}

function makeFormat(name: string): Intl.DateTimeFormat | null {
  const part = 'numeric'
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: part,
      month: part,
      day: part,
      hour: part,
      minute: part,
      second: part,
    })
  } catch {
    return null // RangeError: no such zone
  }
}

function readOffset(format: Intl.DateTimeFormat, utc: number): number {
  const part = new Map(format.formatToParts(utc).map(({ type, value }) => [type, Number(value)]))
  const read = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0
  const local = Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'))
  return local - utc
}
