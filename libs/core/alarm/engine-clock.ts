/** The engine's clock: the log's time, less the time in which the pipeline itself was down (docs/decisions/0003-engine-clock.md). */

import type { DecodedRecord } from '../decode/decoded.ts'

/** A still partition gets a tick every five seconds: three missing mean that the pipeline was down, not that the devices were. */
export const OUTAGE_MS = 15_000

export interface EngineClock {
  /** Log time of the newest record, epoch milliseconds; -1 before the first. */
  time: number
  /** Milliseconds that passed while the log was being written: what timers run on. Starts as the log time of the first record. */
  live: number
  /** `live` at the end of the last outage: nobody's silence began before it. */
  resumedAt: number
}

export const newEngineClock = (): EngineClock => ({ time: -1, live: -1, resumedAt: -1 })

export function advanceClock(clock: EngineClock, record: DecodedRecord): void {
  if (clock.time < 0) {
    clock.time = record.time
    clock.live = record.time
    clock.resumedAt = record.time
    return
  }
  let elapsed = record.time - clock.time
  if (elapsed <= 0) return
  clock.time = record.time
  // A step forward is somebody setting the clock: the log's time followed it, but nobody waited for it.
  if (record.kind === 'clock-step' && record.steppedBy !== undefined && record.steppedBy > 0) {
    elapsed = Math.max(0, elapsed - record.steppedBy)
  }
  if (elapsed > OUTAGE_MS) clock.resumedAt = clock.live
  else clock.live += elapsed
}

/** Log time at which a timer was due. */
export const logTimeOf = (clock: EngineClock, live: number): number => clock.time - (clock.live - live)
