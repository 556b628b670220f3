/** Fault: the network is away for a while; the device keeps what it measures and sends it in arrays afterwards. */

import type { SimulatedMessage, Timeline, TimelineStep } from '../timeline.ts'
import { packBackfill } from './pack-backfill.ts'
import type { Schedule, Window } from './schedule.ts'

/** A logger's memory: Circular 10/2021/TT-BTNMT, article 39, asks for 60 days, which is this many at a message a minute. */
const MEMORY_MESSAGES = 86_400

/** During each window the link is cut; at its end it is restored and what was held goes out, oldest first, as backfill. */
export function* offlineThenBackfill(
  steps: Timeline,
  schedule: Schedule,
  memory = MEMORY_MESSAGES,
): Generator<TimelineStep> {
  let window: Window | null = null
  let held: SimulatedMessage[] = []

  function* comeBack(at: number): Generator<TimelineStep> {
    yield { kind: 'restore', at }
    for (const messages of packBackfill(held)) yield { kind: 'publish', at, messages, repeat: false }
    held = []
  }

  for (const step of steps) {
    if (window !== null && step.at >= window.to) {
      yield* comeBack(window.to)
      window = null
    }
    if (window === null) {
      window = schedule(step.at)
      if (window !== null) yield { kind: 'cut', at: step.at }
    }
    if (window === null || step.kind === 'lost') yield step
    else if (step.kind === 'publish') {
      for (const message of step.messages) held.push({ ...message, faults: [...message.faults, 'offline'] })
      const lost = held.splice(0, Math.max(0, held.length - memory))
      if (lost.length > 0) yield { kind: 'lost', at: step.at, messages: lost }
    }
  }
  if (window !== null) yield* comeBack(window.to)
}
