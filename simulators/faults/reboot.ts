/** Fault: the device restarts without a battery clock: it is in 1970 until it hears the time again. */

import { bootName, type SimulatedMessage, type Timeline, type TimelineStep } from '../timeline.ts'
import type { Schedule, Window } from './schedule.ts'

export interface RebootOptions {
  readonly seed: number
  readonly device: string
  /** Each window is a reboot at its start and a synchronised clock at its end. */
  readonly schedule: Schedule
  /** How long the device is dead after a reboot: it measures nothing then. */
  readonly downMs: number
}

const LABEL = 'reboot-1970'

/** From each reboot on: a new boot id, seq from 0, and until the clock is right, time stamps counted from 1970-01-01. */
export function* rebootTo1970(steps: Timeline, options: RebootOptions): Generator<TimelineStep> {
  const { seed, device, schedule, downMs } = options
  let boot: string | null = null
  let seq = 0
  let window: Window | null = null
  let up = true

  const renumber = (message: SimulatedMessage, at: number): SimulatedMessage => {
    if (boot === null) return message
    const wrong = window === null ? message : { ...message, ts: at - window.from, faults: [...message.faults, LABEL] }
    return { ...wrong, boot, seq: seq++ }
  }

  for (const step of steps) {
    const now = schedule(step.at)
    if (now !== null && now.from !== window?.from) {
      boot = bootName(seed, device, now.from)
      seq = 0
      up = false
      yield { kind: 'cut', at: step.at }
    }
    window = now
    if (!up && (window === null || step.at >= window.from + downMs)) {
      up = true
      yield { kind: 'restore', at: step.at }
    }
    if (step.kind !== 'publish') yield step
    else if (up) yield { ...step, messages: step.messages.map((message) => renumber(message, step.at)) }
  }
  if (!up && window !== null) yield { kind: 'restore', at: window.from + downMs }
}
