/** What goes between a worker's log and its owner: appends packed into one buffer, errors by their code. */

import type { ErrorCode } from '../../core/errors.ts'
import { ERRORS, KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'
import type { NewRecord } from '../../ports/event-log.ts'

export interface PackedCall {
  readonly id: number
  readonly topic: LogTopic
  readonly records: readonly NewRecord[]
}

interface SentCall {
  readonly id: number
  readonly topic: LogTopic
  readonly keys: readonly string[]
  readonly times: readonly number[]
  /** Bytes of each value; -1 for null. */
  readonly lengths: readonly number[]
}

export interface AppendMessage {
  readonly kind: 'append'
  readonly calls: readonly SentCall[]
  /** The values of all the calls, one behind the other. */
  readonly bytes: ArrayBuffer
}

export type FromWorker =
  | AppendMessage
  | { readonly kind: 'commit'; readonly topic: LogTopic; readonly group: string; readonly offset: number }
  | { readonly kind: 'reach'; readonly id: number; readonly topic: LogTopic; readonly offset: number }

export interface SentError {
  readonly code: ErrorCode
  readonly detail: string
}

export interface FromOwner {
  readonly results: readonly (readonly [id: number, offset: number, error: SentError | null])[]
}

const NO_VALUE = -1

/** One copy of the values: posted as views, each would take the whole buffer behind it along. */
export function packCalls(calls: readonly PackedCall[]): AppendMessage {
  let length = 0
  for (const { records } of calls) for (const { value } of records) length += value?.length ?? 0
  const bytes = new Uint8Array(length)
  let at = 0
  const sent = calls.map(({ id, topic, records }) => {
    for (const { value } of records) {
      if (value === null) continue
      bytes.set(value, at)
      at += value.length
    }
    return {
      id,
      topic,
      keys: records.map((record) => record.key),
      times: records.map((record) => record.time),
      lengths: records.map((record) => record.value?.length ?? NO_VALUE),
    }
  })
  return { kind: 'append', calls: sent, bytes: bytes.buffer }
}

export function unpackCalls(message: AppendMessage): PackedCall[] {
  let at = 0
  return message.calls.map(({ id, topic, keys, times, lengths }) => {
    const records = keys.map((key, index) => {
      const length = lengths[index] ?? NO_VALUE
      const value = length === NO_VALUE ? null : new Uint8Array(message.bytes, at, length)
      at += Math.max(0, length)
      return { key, time: times[index] ?? 0, value }
    })
    return { id, topic, records }
  })
}

/** Errors lose their class between threads: the code and the detail make the same one again. */
export function sendError(error: Error): SentError {
  if (!(error instanceof KengError)) return { code: 'KENG_LOG_UNAVAILABLE', detail: error.message }
  const { what, fix } = ERRORS[error.code]
  return { code: error.code, detail: error.message.slice(what.length + 2, -(fix.length + 2)) }
}

export const receiveError = ({ code, detail }: SentError): KengError => new KengError(code, detail)
