/** Gathers what a batch refuses, as rejections with the bytes they are about. */

import type { RawMessage } from '../log/raw-record.ts'
import type { Rejection } from '../rejection.ts'
import type { Refusal } from './refusal.ts'

/** A record of the log by its place. */
export interface LogPlace {
  readonly partition: number
  readonly offset: number
}

export interface RefusedMessages {
  /** `payload` is that of the message, or of the one item of its array that is meant. */
  add(place: LogPlace, message: RawMessage, device: string, refusals: readonly Refusal[], payload: Uint8Array): void
  /** What was refused since the last call. */
  take(): Rejection[]
}

/** Each rejection keeps the bytes it is about: without a bound one packet of nonsense would be kept thousands of times. */
export const MAX_REFUSALS = 8

export function createRefusedMessages(): RefusedMessages {
  let rejections: Rejection[] = []
  let last: RawMessage | undefined
  let next = 0

  return {
    add({ partition, offset }, message, device, refusals, payload) {
      if (message !== last) next = 0
      last = message
      const { topic, receivedAt } = message
      for (const { code, message: why } of cut(refusals)) {
        rejections.push({
          id: `${partition}-${offset}-${next++}`,
          device,
          topic,
          code,
          message: why,
          receivedAt,
          payload,
        })
      }
    },

    take() {
      const taken = rejections
      rejections = []
      last = undefined
      return taken
    },
  }
}

function cut(refusals: readonly Refusal[]): readonly Refusal[] {
  if (refusals.length <= MAX_REFUSALS) return refusals
  const kept = refusals.slice(0, MAX_REFUSALS)
  const lastKept = kept.pop()
  const more = refusals.length - MAX_REFUSALS
  return lastKept === undefined
    ? kept
    : [...kept, { ...lastKept, message: `${lastKept.message}; ${more} more values of this message were refused` }]
}
