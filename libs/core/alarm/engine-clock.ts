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
  /** Arrival of the newest record, epoch milliseconds; -1 before the first. */
  arrived: number
  /** Milliseconds by which arrival times were set forward and not back again. */
  ahead: number
  /** `live` at which that is an old story. */
  aheadUntil: number
}

/** So long somebody may take to notice that the clock is wrong; a gateway that is a day behind has to be noticed too. */
const AHEAD_MS = 86_400_000

export const newEngineClock = (): EngineClock => ({
  time: -1,
  live: -1,
  resumedAt: -1,
  arrived: -1,
  ahead: 0,
  aheadUntil: -1,
})

/** Gives the milliseconds by which arrival times jumped with this record; negative is back, nearly always 0. */
export function advanceClock(clock: EngineClock, record: DecodedRecord): number {
  const jump = arrive(clock, record)
  if (clock.time < 0) {
    clock.time = record.time
    clock.live = record.time
    clock.resumedAt = record.time
  } else passTime(clock, record)
  if (jump > 0) clock.aheadUntil = clock.live + AHEAD_MS
  return jump
}

/** By the clock as it was before somebody set it forward, or null when nobody did of late. */
export const formerArrival = (clock: EngineClock, receivedAt: number): number | null =>
  clock.ahead > 0 && clock.live < clock.aheadUntil ? receivedAt - clock.ahead : null

function arrive(clock: EngineClock, { kind, receivedAt, steppedBy }: DecodedRecord): number {
  const before = clock.arrived
  clock.arrived = receivedAt
  if (kind !== 'clock-step' || steppedBy === undefined || before < 0) return 0
  const moved = receivedAt - before
  // What lies between the two records is no jump. A clock that was not believed before the step moved by less than it.
  const jump = Math.abs(moved - steppedBy) <= OUTAGE_MS ? steppedBy : moved
  clock.ahead = Math.max(0, clock.ahead + jump)
  return jump
}

function passTime(clock: EngineClock, record: DecodedRecord): void {
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
