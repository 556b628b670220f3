/** A refused message as it goes out: text where it is text, and only its head. */

import { isUtf8 } from 'node:buffer'

import type { Rejection } from '../../../libs/core/rejection.ts'
import { isoTime } from '../question-time.ts'
import type { RejectionAnswer } from '../schemas/telemetry-schema.ts'

const HEAD_BYTES = 1024

export function rejectionView(rejection: Rejection): RejectionAnswer {
  const { id, device, topic, code, message, payload } = rejection
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const isText = isUtf8(bytes)
  const head = bytes.subarray(0, isText ? wholeCharacters(bytes, HEAD_BYTES) : HEAD_BYTES)
  return {
    id,
    device,
    topic,
    code,
    message,
    receivedAt: isoTime(rejection.receivedAt),
    payload: head.toString(isText ? 'utf8' : 'base64'),
    payloadEncoding: isText ? 'utf-8' : 'base64',
    payloadBytes: bytes.length,
  }
}

/** The longest length up to `limit` that cuts no character in two. */
function wholeCharacters(bytes: Buffer, limit: number): number {
  let end = Math.min(limit, bytes.length)
  while (end > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return end
}
