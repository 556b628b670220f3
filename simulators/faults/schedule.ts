/** When a device suffers: windows of time as a function of time, from a list or from a seed. */

import { textHash, uniform } from '../noise.ts'

/** Epoch milliseconds; `from` inclusive, `to` exclusive. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** The window that a time lies in, or null. */
export type Schedule = (t: number) => Window | null

/** Windows that must not overlap. */
export const listedSchedule =
  (windows: readonly Window[]): Schedule =>
  (t) =>
    windows.find(({ from, to }) => from <= t && t < to) ?? null

export interface SeededScheduleOptions {
  readonly seed: number
  readonly device: string
  /** Name of the fault: each has its own times. */
  readonly fault: string
  /** One window in each stretch of this length. */
  readonly everyMs: number
  readonly shortestMs: number
  /** At most half of `everyMs`, so that trouble remains the exception. */
  readonly longestMs: number
}

/** One window somewhere in every stretch, without end and without memory. */
export function seededSchedule(options: SeededScheduleOptions): Schedule {
  const { seed, device, fault, everyMs } = options
  const start = textHash(`${device} ${fault} start`)
  const length = textHash(`${device} ${fault} length`)
  const longest = Math.min(options.longestMs, everyMs / 2)
  const shortest = Math.min(options.shortestMs, longest)
  return (t) => {
    const stretch = Math.floor(t / everyMs)
    const lasts = shortest + (longest - shortest) * uniform(seed, length, stretch)
    const from = Math.floor(stretch * everyMs + (everyMs - lasts) * uniform(seed, start, stretch))
    const to = Math.floor(from + lasts)
    return from <= t && t < to ? { from, to } : null
  }
}
