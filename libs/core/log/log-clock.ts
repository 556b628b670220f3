/** The log's clock: arrival times that never go back, whatever happens to the machine's clock (architecture, decision 6). */

export interface LogClockReading {
  /** Log time, epoch milliseconds: orders the log, drives timers and retention. */
  readonly time: number
  /** Best known wall-clock time of arrival, epoch milliseconds: shown to people and held against device clocks. */
  readonly receivedAt: number
  /** Milliseconds by which the wall clock was found to have been set since the last reading; 0 for none. */
  readonly steppedBy: number
}

export interface LogClock {
  /** `wall` and `monotonic` are the two clocks of the machine at this moment, in milliseconds. */
  read(wall: number, monotonic: number): LogClockReading
  /** Milliseconds by which the wall clock lay behind the newest record at the start and was not set since: 0 for none. */
  behindMs(): number
}

/** The newest record of the log, if there is one. */
export interface LogClockStart {
  readonly time: number
  readonly receivedAt: number
}

/** NTP slews below this; a larger difference between the two clocks is somebody setting the wall clock. */
const STEP_MS = 2_000

/**
 * At the start a wall clock behind the newest record is a box without a battery clock that woke up in the past: the
 * log's own time goes on. A step that is seen while running is somebody (NTP) setting the clock: the new wall time is
 * believed. Log time follows the wall clock forwards and never goes back; while it is ahead it runs on the monotonic
 * clock, so that timers go on.
 */
export function createLogClock(last: LogClockStart | null, wall: number, monotonic: number): LogClock {
  let correction = last === null ? 0 : Math.max(0, last.receivedAt - wall)
  let time = Math.max(wall, last?.time ?? wall)
  let lastWall = wall
  let lastMonotonic = monotonic
  return {
    behindMs: () => correction,
    read(nowWall, nowMonotonic) {
      const elapsed = Math.max(0, nowMonotonic - lastMonotonic)
      const drift = nowWall - lastWall - elapsed
      lastWall = nowWall
      lastMonotonic = nowMonotonic
      const stepped = Math.abs(drift) >= STEP_MS
      if (stepped) correction = 0
      const receivedAt = nowWall + correction
      // Kept with its fraction: at 100,000 reads a second each advances by less than a millisecond.
      time = Math.max(time + elapsed, receivedAt)
      return { time: Math.floor(time), receivedAt, steppedBy: stepped ? Math.round(drift) : 0 }
    },
  }
}
