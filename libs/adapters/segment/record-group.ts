/** The records that wait for one write and one sync, encoded as they come, with the callbacks to be told. */

import type { AppendDone, NewRecord } from '../../ports/event-log.ts'
import { HEADER_BYTES, sealBatch } from './batch-format.ts'
import type { RecordContext } from './record-format.ts'
import { maxRecordBytes, writeRecord } from './record-format.ts'

const FIRST_BYTES = 64 * 1024
/** What a waiting call is taken to cost beside its records: even an empty record has a callback. */
export const CALL_BYTES = 64

export interface RecordGroup {
  /** Encodes the records and remembers whom to tell. Values are copied here: the log borrows nothing longer than this call. */
  add(records: readonly NewRecord[], size: number, done: AppendDone): void
  /** Remembers a call that is refused, to be told in its turn. */
  refuse(error: Error, done: AppendDone): void
  /** Bytes of the batch so far. */
  length(): number
  count(): number
  isEmpty(): boolean
  /** What the waiting calls count against the bound on what is pending. */
  pendingBytes(): number
  /** Bytes of memory that the group holds, used or not. */
  capacity(): number
  /** Time of the newest record, or undefined where there is none. */
  lastTime(): number | undefined
  /** Completes the batch; the bytes are valid until `complete`, `fail` or another `add`. */
  seal(baseOffset: number, salt: number): Buffer
  /** Tells everybody in the order of their calls and empties the group for the next use. */
  complete(baseOffset: number): void
  fail(error: Error): void
}

/** Bytes that these records take at most. */
export function maxGroupBytes(records: readonly NewRecord[]): number {
  let bytes = 0
  for (const record of records) bytes += maxRecordBytes(record)
  return bytes
}

interface Waiting {
  readonly done: AppendDone
  /** Place of the call's first record in the group. */
  readonly index: number
  readonly error: Error | null
}

// A caller's exception must neither rob its neighbours of their answer nor be lost: it goes where uncaught ones go.
function tell(done: AppendDone, error: Error | null, offset: number): void {
  try {
    done(error, offset)
  } catch (thrown) {
    setImmediate(() => {
      throw thrown
    })
  }
}

export function createRecordGroup(): RecordGroup {
  let bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  let length = HEADER_BYTES
  let count = 0
  let baseTime = 0
  let before: RecordContext = { key: '', time: 0 }
  let waiting: Waiting[] = []
  let pendingBytes = 0

  function makeRoom(size: number): void {
    if (length + size <= bytes.length) return
    let capacity = bytes.length
    while (capacity < length + size) capacity *= 2
    const larger = Buffer.allocUnsafeSlow(capacity)
    bytes.copy(larger, 0, 0, length)
    bytes = larger
  }

  function add(records: readonly NewRecord[], size: number, done: AppendDone): void {
    makeRoom(size)
    const mark = { length, count, key: before.key, time: before.time }
    try {
      for (const record of records) {
        if (count === 0) {
          baseTime = Math.trunc(record.time)
          before.time = baseTime
        }
        length = writeRecord(bytes, length, record, before)
        count++
      }
    } catch (error) {
      // A record that is no record: nothing of the call may stay behind.
      length = mark.length
      count = mark.count
      before = { key: mark.key, time: mark.time }
      throw error
    }
    waiting.push({ done, index: mark.count, error: null })
    pendingBytes += size + CALL_BYTES
  }

  function finish(error: Error | null, baseOffset: number): void {
    const told = waiting
    waiting = []
    length = HEADER_BYTES
    count = 0
    pendingBytes = 0
    before = { key: '', time: 0 }
    for (const call of told) {
      const failure = call.error ?? error
      tell(call.done, failure, failure === null ? baseOffset + call.index : -1)
    }
  }

  return {
    add,
    refuse: (error, done) => void waiting.push({ done, index: count, error }),
    length: () => length,
    count: () => count,
    pendingBytes: () => pendingBytes,
    capacity: () => bytes.length,
    isEmpty: () => waiting.length === 0,
    lastTime: () => (count === 0 ? undefined : before.time),
    seal(baseOffset, salt) {
      sealBatch(bytes, { salt, flags: 0, length, count, span: count, baseOffset, baseTime })
      return bytes
    },
    complete: (baseOffset) => finish(null, baseOffset),
    fail: (error) => finish(error, -1),
  }
}
