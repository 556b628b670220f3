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
  /** `payload` is that of the message, or of the one item of its array that is meant; its first refusal keeps all of it. */
  add(place: LogPlace, message: RawMessage, device: string, refusals: readonly Refusal[], payload: Uint8Array): void
  /** What was refused since the last call. */
  take(): Rejection[]
}

/** Each rejection keeps the bytes it is about: without bounds one packet of nonsense would be kept thousands of times. */
export const MAX_REFUSALS = 8
/** What the second and later refusals of the same bytes keep of them: eight copies of a large packet stall the disk for all. */
const REPEATED_BYTES = 4 * 1024

export function createRefusedMessages(): RefusedMessages {
  let rejections: Rejection[] = []
  let last: RawMessage | undefined
  let next = 0

  return {
    add({ partition, offset }, message, device, refusals, payload) {
      if (message !== last) next = 0
      last = message
      const { topic, receivedAt } = message
      cut(refusals).forEach(({ code, message: why }, at) => {
        rejections.push({
          id: `${partition}-${offset}-${next++}`,
          device,
          topic,
          code,
          message: why,
          receivedAt,
          payload: at === 0 ? payload : payload.subarray(0, REPEATED_BYTES),
        })
      })
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
