/** SQL for a range of one series, plain or in buckets. Pure. */

import { UNTRUSTED_FLAGS } from '../../core/reading.ts'
import type { Aggregate, ReadingsQuery } from '../../ports/reading-store.ts'

/** Day boundaries are Asia/Ho_Chi_Minh, which has kept UTC+7 without summer time since 1975. */
const LOCAL_OFFSET_MS = 7 * 3_600_000
const DAY_MS = 86_400_000

const AGGREGATE: Readonly<Record<Aggregate, (trusted: string) => string>> = {
  mean: (trusted) => `avg(value) FILTER (${trusted})`,
  min: (trusted) => `min(value) FILTER (${trusted})`,
  max: (trusted) => `max(value) FILTER (${trusted})`,
  last: (trusted) => `arg_max(value, ts) FILTER (${trusted})`,
  count: () => 'count(*)::DOUBLE',
}

/** Start of the bucket of `ts`: buckets begin at local midnight's multiples of `every` (contract.md, section 3). */
function bucket(every: number): string {
  const local = `(ts + ${LOCAL_OFFSET_MS})`
  if (every >= DAY_MS) return `floor(${local} / ${every}) * ${every} - ${LOCAL_OFFSET_MS}`
  const midnight = `floor(${local} / ${DAY_MS}) * ${DAY_MS}`
  return `${midnight} + floor((${local} - ${midnight}) / ${every}) * ${every} - ${LOCAL_OFFSET_MS}`
}

/** The statement with its parameters $series, $from, $to and $limit; rows of (ts, value, flags). */
export function rangeQuery({ every, flagged }: Pick<ReadingsQuery, 'every' | 'flagged'>): string {
  const range = 'series = $series AND ts >= $from AND ts < $to'
  if (every === undefined) return `SELECT ts, value, flags FROM readings WHERE ${range} ORDER BY ts LIMIT $limit`
  const trusted = flagged === 'include' ? 'true' : `(flags & ${UNTRUSTED_FLAGS}) = 0`
  return `SELECT ${bucket(every.milliseconds)} AS start, ${AGGREGATE[every.fn](`WHERE ${trusted}`)} AS result, bit_or(flags)
    FROM readings WHERE ${range} GROUP BY start HAVING result IS NOT NULL ORDER BY start LIMIT $limit`
}
