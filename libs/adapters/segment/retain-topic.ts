/** Removes whole segments that are too old or too many, never one that a consumer still has to read. */

import path from 'node:path'
import { createBatchSource } from './batch-source.ts'
import type { Disk } from './disk.ts'
import type { LogFile } from './segment-names.ts'
import { listPartition } from './segment-names.ts'

export interface RetainOptions {
  readonly dir: string
  readonly salt: number
  /** Age against the newest record, in milliseconds; undefined keeps for ever. */
  readonly retentionMs: number | undefined
  /** Bytes of all files together; undefined is no limit. */
  readonly maxBytes: number | undefined
}

export interface RetainState {
  /** Time of the newest record; undefined removes nothing for its age. */
  readonly newestTime: number | undefined
  /** Records from here on are still wanted by some consumer. */
  readonly floor: number
}

const HEAD_BYTES = 4096

/** `onRemove` is told the new oldest offset before the file goes. Returns how many files went. */
export async function retainTopic(
  disk: Disk,
  options: RetainOptions,
  state: RetainState,
  onRemove: (file: LogFile, first: number) => void,
): Promise<number> {
  const { dir, retentionMs, maxBytes } = options
  const { files } = await listPartition(disk, dir)
  let total = maxBytes === undefined ? 0 : await sizeOf(disk, dir, files)
  let removed = 0
  for (const [index, file] of files.entries()) {
    // The last file is the one that is written to.
    const next = files[index + 1]
    if (next === undefined || next.base > state.floor) break
    // Times never go back, so that the whole file is at least as old as what follows it.
    const oldest = retentionMs === undefined ? undefined : await firstTimeOf(disk, dir, next, options.salt)
    const isOld =
      retentionMs !== undefined &&
      oldest !== undefined &&
      state.newestTime !== undefined &&
      state.newestTime - oldest > retentionMs
    if (!isOld && !(maxBytes !== undefined && total > maxBytes)) break
    if (maxBytes !== undefined) total -= await sizeOf(disk, dir, [file])
    onRemove(file, next.base)
    await disk.unlink(path.join(dir, file.name))
    removed++
  }
  return removed
}

async function sizeOf(disk: Disk, dir: string, files: readonly LogFile[]): Promise<number> {
  let total = 0
  for (const { name } of files) {
    const file = await disk.open(path.join(dir, name), 'read')
    total += await file.size()
    await file.close()
  }
  return total
}

async function firstTimeOf(disk: Disk, dir: string, file: LogFile, salt: number): Promise<number | undefined> {
  const opened = await disk.open(path.join(dir, file.name), 'read')
  const source = createBatchSource(opened, { salt, blocking: false })
  try {
    for (;;) {
      const found = await source.next(HEAD_BYTES)
      if (found.kind === 'batch') return found.header.baseTime
      if (found.kind !== 'damage') return undefined
    }
  } finally {
    await source.close()
  }
}
