/** The bytes of one record inside a batch: key, time and value, each as short as it can be. */

import type { LogRecord, NewRecord } from '../../ports/event-log.ts'
import type { BatchHeader } from './batch-format.ts'
import { FLAG_SPARSE, HEADER_BYTES } from './batch-format.ts'
import { MAX_VARINT_BYTES, readVarint, unzigzag, writeVarint, zigzag } from './varint.ts'

// 0 says "the key of the record before": nearly every record of a commune has the same one. Otherwise its bytes + 1.
const SAME_KEY = 0
// 0 says that the value is null (a tombstone). Otherwise its bytes + 1.
const TOMBSTONE = 0
const UTF8_BYTES_PER_UNIT = 3

/** What the record before left: the next is written and read as its difference from that. */
export interface RecordContext {
  key: string
  time: number
}

/** Bytes that a record takes at most. */
export const maxRecordBytes = (record: NewRecord): number =>
  4 * MAX_VARINT_BYTES + record.key.length * UTF8_BYTES_PER_UNIT + (record.value?.length ?? 0)

/** Writes a record at `position` of a buffer that has room; returns where the next goes. The first of a batch follows ('', baseTime). */
export function writeRecord(bytes: Buffer, position: number, record: NewRecord, before: RecordContext): number {
  const { key, value } = record
  const time = Math.trunc(record.time)
  let at = position
  if (key === before.key) {
    bytes[at++] = SAME_KEY
  } else {
    at = writeVarint(bytes, at, Buffer.byteLength(key) + 1)
    at += bytes.write(key, at)
    before.key = key
  }
  at = writeVarint(bytes, at, zigzag(time - before.time))
  before.time = time
  if (value === null) {
    bytes[at++] = TOMBSTONE
    return at
  }
  at = writeVarint(bytes, at, value.length + 1)
  bytes.set(value, at)
  return at + value.length
}

/** Reads the records of one batch, a few at a time. */
export interface RecordReader {
  readonly header: BatchHeader
  /** Adds records from offset `from` on until about `maxBytes` of their bytes are taken; returns the bytes taken. */
  take(into: LogRecord[], from: number, maxBytes: number): number
  isDone(): boolean
}

/** Values are views into `bytes`. The batch must have been found whole: its lengths are trusted. */
export function createRecordReader(bytes: Buffer, start: number, header: BatchHeader): RecordReader {
  const sparse = (header.flags & FLAG_SPARSE) !== 0
  const position = { at: start + HEADER_BYTES }
  let left = header.count
  let offset = header.baseOffset - 1
  let key = ''
  let time = header.baseTime

  function take(into: LogRecord[], from: number, maxBytes: number): number {
    const begin = position.at
    while (left > 0 && position.at - begin < maxBytes) {
      offset += sparse ? readVarint(bytes, position) : 1
      const keyBytes = readVarint(bytes, position)
      if (keyBytes !== SAME_KEY) {
        key = bytes.toString('utf8', position.at, position.at + keyBytes - 1)
        position.at += keyBytes - 1
      }
      time += unzigzag(readVarint(bytes, position))
      const valueBytes = readVarint(bytes, position)
      const valueAt = position.at
      if (valueBytes !== TOMBSTONE) position.at += valueBytes - 1
      left--
      if (offset < from) continue
      const value = valueBytes === TOMBSTONE ? null : bytes.subarray(valueAt, position.at)
      into.push({ key, time, value, partition: 0, offset })
    }
    return position.at - begin
  }

  return { header, take, isDone: () => left === 0 }
}
