/** The segment that is written to: batches go one behind the other into space that was filled with zeros ahead of them. */

import path from 'node:path'
import type { Disk, DiskFile } from './disk.ts'
import { asSyncFailure } from './disk-errors.ts'
import { segmentName } from './segment-names.ts'

export interface ActiveSegment {
  readonly base: number
  /** Where the next batch goes. */
  position(): number
  /** Bytes of zeros that lie ready behind the position; negative never. */
  ready(): number
  /** Writes a batch at the position, without moving it: a write that failed is repeated over itself. */
  write(bytes: Buffer, length: number): Promise<void>
  /** Writes zeros behind what is ready, to be synced with whatever comes next. */
  grow(bytes: number): Promise<void>
  sync(): Promise<void>
  /** Moves the position behind a batch that is durable. */
  advance(length: number): void
  /** Gives the unused rest back to the disk and closes the file. */
  finish(): Promise<void>
  close(): Promise<void>
}

const ZERO_BYTES = 1024 * 1024
const ZEROS = Buffer.alloc(ZERO_BYTES)

/**
 * Overwriting zeros that are there changes no metadata of the file, so that fdatasync need not wait for the file system's
 * journal: measured half the time of appending behind the file's end (docs/segment-format.md). Node has no fallocate, and
 * unwritten extents would need the journal at the first write all the same.
 */
export function createActiveSegment(file: DiskFile, base: number, start: number, size: number): ActiveSegment {
  let position = start
  let allocated = Math.max(size, start)
  return {
    base,
    position: () => position,
    ready: () => Math.max(0, allocated - position),
    async write(bytes, length) {
      await file.write(bytes, length, position)
      allocated = Math.max(allocated, position + length)
    },
    async grow(bytes) {
      for (let left = bytes; left > 0; left -= ZERO_BYTES) {
        const step = Math.min(left, ZERO_BYTES)
        await file.write(ZEROS, step, allocated)
        allocated += step
      }
    },
    sync: () => file.fdatasync(),
    advance(length) {
      position += length
    },
    async finish() {
      await file.truncate(position)
      await file.close()
    },
    close: () => file.close(),
  }
}

/** Creates an empty segment whose name is durable before anything is acknowledged out of it. */
export async function openNewSegment(disk: Disk, dir: string, base: number): Promise<ActiveSegment> {
  const file = await disk.open(path.join(dir, segmentName(base)), 'write')
  try {
    // Left from an attempt that found the disk full.
    if ((await file.size()) > 0) await file.truncate(0)
    await disk.syncDir(dir).catch((error: unknown) => {
      throw asSyncFailure(dir, error)
    })
  } catch (error) {
    await file.close()
    throw error
  }
  return createActiveSegment(file, base, 0, 0)
}
