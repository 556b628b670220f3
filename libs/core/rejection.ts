/** A message that is durable but makes no sense: why, with its bytes. */

import type { DecodeCode } from './decode/codes.ts'

export interface Rejection {
  /** `partition-offset-index`: unique and in order of arrival. */
  readonly id: string
  readonly device: string
  readonly topic: string
  readonly code: DecodeCode
  /** Names the value, the limit and the next step. */
  readonly message: string
  /** Wall-clock arrival, epoch milliseconds. */
  readonly receivedAt: number
  readonly payload: Uint8Array
}

/** The value of a record of `keng.rejections.v1`: JSON with the payload in base64. */
export const encodeRejection = (rejection: Rejection): Buffer =>
  Buffer.from(JSON.stringify({ ...rejection, payload: Buffer.from(rejection.payload).toString('base64') }))
