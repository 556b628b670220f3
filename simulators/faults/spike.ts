/** Fault: one value of one message is far from its neighbours, and the next is right again. */

import { hash, textHash, uniform } from '../noise.ts'
import type { SimulatedMessage, Timeline, TimelineStep } from '../timeline.ts'

export interface SpikeOptions {
  readonly seed: number
  readonly device: string
  /** Share of messages with a spike, 0 to 1. */
  readonly share: number
}

const LEAST_FACTOR = 3
const MOST_FACTOR = 9

function spiked(message: SimulatedMessage, options: SpikeOptions): SimulatedMessage {
  const { seed, device, share } = options
  if (uniform(seed, textHash(`${device} spike`), message.ts) >= share) return message
  // A device's own battery and radio do not spike: it is the probes that do.
  const channels = Object.keys(message.values).filter(
    (name) => !name.startsWith('device.') && typeof message.values[name] === 'number',
  )
  const channel = channels[hash(seed, textHash(`${device} spike channel`), message.ts) % Math.max(1, channels.length)]
  const value = channel === undefined ? undefined : message.values[channel]
  if (channel === undefined || typeof value !== 'number') return message
  const height = uniform(seed, textHash(`${device} spike height`), message.ts)
  const factor = LEAST_FACTOR + (MOST_FACTOR - LEAST_FACTOR) * height
  // One in four goes down: a probe that is out of the water for a moment.
  const wrong = height * 4 < 1 ? value / factor : value * factor + 1
  return {
    ...message,
    values: { ...message.values, [channel]: Number(wrong.toFixed(3)) },
    faults: [...message.faults, `spike:${channel}`],
  }
}

export function* spikes(steps: Timeline, options: SpikeOptions): Generator<TimelineStep> {
  for (const step of steps) {
    yield step.kind === 'publish'
      ? { ...step, messages: step.messages.map((message) => spiked(message, options)) }
      : step
  }
}
