/** What stands where in a file of the raw log: for tests that damage it and must know what was hit. */

import { readFileSync } from 'node:fs'
import { HEADER_BYTES, isWhole, parseHeader } from '../../libs/adapters/segment/batch-format.ts'
import { createRecordReader } from '../../libs/adapters/segment/record-format.ts'
import { decodeRaw } from '../../libs/core/log/raw-record.ts'
import type { LogRecord } from '../../libs/ports/event-log.ts'

export interface FileBatch {
  readonly fromByte: number
  readonly toByte: number
  /** First offset, and the one behind the last. */
  readonly fromOffset: number
  readonly toOffset: number
  /** `device/seq` of each message in it. */
  readonly messages: readonly string[]
}

/** All batches of a file up to the first bytes that are none. */
export function readBatches(file: string): FileBatch[] {
  const bytes = readFileSync(file)
  const batches: FileBatch[] = []
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const header = parseHeader(bytes, at, undefined)
    if (header === null || !isWhole(bytes, at, header)) break
    const records: LogRecord[] = []
    createRecordReader(bytes, at, header).take(records, 0, Number.POSITIVE_INFINITY)
    const { length, baseOffset: fromOffset, span } = header
    const messages = records.flatMap(nameOf)
    batches.push({ fromByte: at, toByte: at + length, fromOffset, toOffset: fromOffset + span, messages })
    at += length
  }
  return batches
}

function nameOf({ value }: LogRecord): string[] {
  const record = value === null ? null : decodeRaw(value)
  if (record?.kind !== 'message') return []
  const { seq } = JSON.parse(record.payload.toString()) as { seq: number }
  return [`${record.publisher}/${seq}`]
}
