/** Lengths of buckets as people write them: 5m, 1h, 1d. */

import { invalid } from './invalid-request.ts'

const DAY_MS = 86_400_000
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS }
const MAX_DAYS = 366

/**
 * Milliseconds of a length that the schema let through. Buckets begin at local midnight's multiples, so a length that
 * does not divide a day would make a last bucket of another length; that is a 422.
 */
export function parseBucket(text: string): number {
  const ms = Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? Number.NaN)
  if (ms > MAX_DAYS * DAY_MS) throw invalid('/query/every', `is longer than ${MAX_DAYS} days: ${text}`)
  if (ms % DAY_MS !== 0 && DAY_MS % ms !== 0) throw invalid('/query/every', `does not divide a day: ${text}`)
  return ms
}
