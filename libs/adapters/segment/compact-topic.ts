/** Rewrites the closed files of a compacted topic as one snapshot: the newest record of each key, without those deleted. */

import path from 'node:path'
import type { LogRecord } from '../../ports/event-log.ts'
import { FLAG_SPARSE, HEADER_BYTES, sealBatch } from './batch-format.ts'
import type { Disk, DiskFile } from './disk.ts'
import { asSyncFailure } from './disk-errors.ts'
import { maxRecordBytes, writeRecord } from './record-format.ts'
import type { SegmentCursor } from './segment-cursor.ts'
import { listPartition, snapshotName, UNFINISHED } from './segment-names.ts'
import { MAX_VARINT_BYTES, writeVarint } from './varint.ts'

export interface CompactOptions {
  readonly dir: string
  readonly salt: number
  /** The snapshot stands for all offsets before this one: the base of the active segment. */
  readonly end: number
}

const BATCH_BYTES = 256 * 1024
const READ_BYTES = 1024 * 1024

/**
 * Safe at every step: written beside and synced, renamed, the name synced, and only then the old files go. A start after a
 * crash finds either no snapshot of this end (and removes what is unfinished) or a whole one (and removes what it stands for).
 */
export async function compactTopic(
  disk: Disk,
  options: CompactOptions,
  openCursor: () => SegmentCursor,
): Promise<void> {
  const { dir, end } = options
  const failSync = (error: unknown): never => {
    throw asSyncFailure(dir, error)
  }
  const newest = new Map<string, number>()
  await readUpTo(openCursor(), end, (record) => {
    if (record.value === null) newest.delete(record.key)
    else newest.set(record.key, record.offset)
  })
  const beside = path.join(dir, snapshotName(end) + UNFINISHED)
  const file = await disk.open(beside, 'write')
  try {
    await file.truncate(0)
    const writer = createSnapshotWriter(file, options)
    await readUpTo(openCursor(), end, (record) => {
      if (newest.get(record.key) === record.offset) return writer.add(record)
    })
    await writer.finish()
    await file.fdatasync().catch(failSync)
  } finally {
    await file.close()
  }
  await disk.rename(beside, path.join(dir, snapshotName(end)))
  await disk.syncDir(dir).catch(failSync)
  const { stale } = await listPartition(disk, dir)
  for (const name of stale) await disk.unlink(path.join(dir, name))
}

async function readUpTo(
  cursor: SegmentCursor,
  end: number,
  onRecord: (record: LogRecord) => Promise<void> | undefined | void,
): Promise<void> {
  try {
    while (cursor.offset() < end) {
      for (const record of await cursor.next(end, READ_BYTES)) {
        const writing = onRecord(record)
        if (writing !== undefined) await writing
      }
    }
  } finally {
    await cursor.close()
  }
}

function createSnapshotWriter(file: DiskFile, options: CompactOptions) {
  let bytes = Buffer.allocUnsafeSlow(BATCH_BYTES)
  let position = 0
  let length = HEADER_BYTES
  let count = 0
  let base = 0
  let lastOffset = -1
  let baseTime = 0
  let before = { key: '', time: 0 }

  /** Batches follow one another without a gap in offsets, so that a missing one shows. */
  async function flush(end: number): Promise<void> {
    const meta = { salt: options.salt, flags: FLAG_SPARSE, length, count, span: end - base, baseOffset: base, baseTime }
    sealBatch(bytes, meta)
    await file.write(bytes, length, position)
    position += length
    length = HEADER_BYTES
    count = 0
    base = end
    lastOffset = end - 1
  }

  function add(record: LogRecord): Promise<void> | undefined {
    const size = maxRecordBytes(record) + MAX_VARINT_BYTES
    if (count > 0 && length + size > BATCH_BYTES) return flush(lastOffset + 1).then(() => put(record, size))
    put(record, size)
    return undefined
  }

  function put(record: LogRecord, size: number): void {
    if (length + size > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(length + size)
      bytes.copy(larger, 0, 0, length)
      bytes = larger
    }
    if (count === 0) {
      baseTime = record.time
      before = { key: '', time: baseTime }
    }
    length = writeVarint(bytes, length, record.offset - lastOffset)
    length = writeRecord(bytes, length, record, before)
    lastOffset = record.offset
    count++
  }

  return { add, finish: () => flush(options.end) }
}
