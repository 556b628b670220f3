/** A clock that stands still until it is told to go on: for tests, replays and back-tests. */

import type { Clock } from '../ports/clock.ts'

export interface VirtualClock extends Clock {
  /** Lets time pass: timers that fall due are called in the order of their times, each at its own time. */
  advance(milliseconds: number): void
  /** Sets the wall clock as a person or NTP would: `now` jumps, `monotonic` and timers do not notice. */
  setWall(epochMs: number): void
}

interface Timer {
  readonly due: number
  readonly callback: () => void
}

/** Starts at `epochMs`; `monotonic` starts at 0. */
export function createVirtualClock(epochMs: number): VirtualClock {
  let elapsed = 0
  let offset = epochMs
  const timers = new Set<Timer>()

  const nextDue = (limit: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.due <= limit && (next === undefined || timer.due < next.due)) next = timer
    }
    return next
  }

  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    after(milliseconds, callback) {
      const timer = { due: elapsed + Math.max(0, milliseconds), callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(milliseconds) {
      const end = elapsed + milliseconds
      for (let timer = nextDue(end); timer !== undefined; timer = nextDue(end)) {
        timers.delete(timer)
        elapsed = Math.max(elapsed, timer.due)
        timer.callback()
      }
      elapsed = end
    },
    setWall(epochMs) {
      offset = epochMs - elapsed
    },
  }
}
