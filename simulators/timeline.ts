/** What a simulated device does, step by step, as a pure sequence: faults rewrite it, a fleet plays it. */

import { hash, textHash } from './noise.ts'

/** A channel's value or a switch's state, as in the contract's telemetry message. */
export type Values = Readonly<Record<string, number | boolean>>

export interface SimulatedMessage {
  /** Epoch milliseconds by the device's own clock, which a fault may have set wrong. */
  readonly ts: number
  /** Name of this run of the device; a reboot gives a new one. */
  readonly boot: string
  /** 0, 1, 2 … within a boot. */
  readonly seq: number
  readonly values: Values
  /** What is wrong with it, e.g. `offline`, `spike:water.ph`; empty for an honest message. */
  readonly faults: readonly string[]
}

/** Steps come in the order of `at`, epoch milliseconds of true (simulated) time. */
export type TimelineStep =
  /** One packet: a message, or an array of them. `repeat`: the device sends again what it has sent. */
  | {
      readonly kind: 'publish'
      readonly at: number
      readonly messages: readonly SimulatedMessage[]
      readonly repeat: boolean
    }
  /** The network is gone, with no farewell: the will speaks. */
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'restore'; readonly at: number }
  /** The device's own memory was full: these are gone before any broker saw them. */
  | { readonly kind: 'lost'; readonly at: number; readonly messages: readonly SimulatedMessage[] }

export type Timeline = Iterable<TimelineStep>

export interface TimelineOptions {
  readonly device: string
  readonly seed: number
  /** Epoch milliseconds; the first sample is at or after it. */
  readonly from: number
  /** Epoch milliseconds; no sample at or after it. Absent: for ever. */
  readonly until?: number
  readonly intervalMs: number
  /** What is measured at a time. Pure. */
  readonly sample: (t: number) => Values
}

const PHASE = textHash('phase')
const BOOT = textHash('boot')

/** Name of the boot that began at epoch milliseconds `at`. */
export const bootName = (seed: number, device: string, at: number): string =>
  `b${hash(seed, textHash(device) ^ BOOT, at).toString(36)}`

/**
 * A device without faults: one message an interval. Sample times lie on a grid of their own for each device, the same
 * however often the simulation is started, so that a second run repeats values instead of inventing neighbours.
 */
export function* deviceTimeline(options: TimelineOptions): Generator<TimelineStep> {
  const { device, seed, from, until = Number.POSITIVE_INFINITY, intervalMs, sample } = options
  const boot = bootName(seed, device, from)
  const phase = hash(seed, textHash(device) ^ PHASE, 0) % Math.max(1, Math.floor(intervalMs))
  const first = Math.ceil((from - phase) / intervalMs)
  for (let seq = 0; ; seq++) {
    const at = Math.floor((first + seq) * intervalMs + phase)
    if (at >= until) return
    yield { kind: 'publish', at, messages: [{ ts: at, boot, seq, values: sample(at), faults: [] }], repeat: false }
  }
}

/** A message as it goes over the wire; fault labels stay here. */
export const wireForm = ({ ts, boot, seq, values }: SimulatedMessage): object => ({ ts, boot, seq, values })
