/** Fault: a device sends a packet again although it was acknowledged, with the same boot and seq. */

import { textHash, uniform } from '../noise.ts'
import type { Timeline, TimelineStep } from '../timeline.ts'

export interface DuplicateOptions {
  readonly seed: number
  readonly device: string
  /** Share of packets that are sent again, 0 to 1. */
  readonly share: number
  /** The copy follows after up to this many milliseconds. */
  readonly withinMs: number
}

const LABEL = 'duplicate'

export function* sendAgain(steps: Timeline, options: DuplicateOptions): Generator<TimelineStep> {
  const { seed, device, share, withinMs } = options
  const chosen = textHash(`${device} duplicate`)
  const delay = textHash(`${device} duplicate delay`)
  // In order of their time; at most as many as packets of `withinMs`.
  const copies: TimelineStep[] = []
  for (const step of steps) {
    for (let copy = copies[0]; copy !== undefined && copy.at <= step.at; copy = copies[0]) {
      yield copy
      copies.shift()
    }
    yield step
    const first = step.kind === 'publish' && !step.repeat ? step.messages[0] : undefined
    if (step.kind !== 'publish' || first === undefined || uniform(seed, chosen, first.ts) >= share) continue
    const at = Math.floor(step.at + withinMs * uniform(seed, delay, first.ts))
    const messages = step.messages.map((message) => ({ ...message, faults: [...message.faults, LABEL] }))
    const behind = copies.findIndex((copy) => copy.at > at)
    copies.splice(behind < 0 ? copies.length : behind, 0, { kind: 'publish', at, messages, repeat: true })
  }
  yield* copies
}
