/** What to ask the server for each period of the chart: raw values for an hour, buckets with their extremes beyond. */

export type Period = '1h' | '24h' | '7d'

export const PERIODS: readonly Period[] = ['1h', '24h', '7d']

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

export interface ChartQuestion {
  readonly spanMs: number
  /** Width of a bucket, a divisor of the day; 0 for raw values. */
  readonly everyMs: number
  /** As the API writes it; null for raw values. */
  readonly every: string | null
  /** How long an answer may stand before it is asked again; live values are appended meanwhile. */
  readonly freshForMs: number
}

const NARROWEST_MS = 10 * MINUTE_MS

/**
 * Where the time axis begins, epoch milliseconds. `beginsAt` is when the channel was first measured, if that is within the
 * period, else null: what is before it is no gap, and a new station's curve is not squeezed into a corner.
 */
export function windowStart(spanMs: number, beginsAt: number | null, now: number): number {
  const start = now - spanMs
  return beginsAt === null ? start : Math.max(start, Math.min(beginsAt, now - NARROWEST_MS))
}

export const CHART_QUESTIONS: Readonly<Record<Period, ChartQuestion>> = {
  '1h': { spanMs: HOUR_MS, everyMs: 0, every: null, freshForMs: 10 * MINUTE_MS },
  '24h': { spanMs: 24 * HOUR_MS, everyMs: 3 * MINUTE_MS, every: '3m', freshForMs: 3 * MINUTE_MS },
  '7d': { spanMs: 7 * 24 * HOUR_MS, everyMs: 15 * MINUTE_MS, every: '15m', freshForMs: 15 * MINUTE_MS },
}
