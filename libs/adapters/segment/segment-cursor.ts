/** A reading position in one topic: goes from file to file, checks each batch, steps over damage and names it. */

import path from 'node:path'
import { KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'
import type { LogRecord } from '../../ports/event-log.ts'
import type { BatchSource, Found } from './batch-source.ts'
import { createBatchSource } from './batch-source.ts'
import type { CommitView } from './commit-board.ts'
import type { Damage } from './damage.ts'
import type { Disk, DiskFile } from './disk.ts'
import { isMissing } from './disk-errors.ts'
import type { RecordReader } from './record-format.ts'
import { createRecordReader } from './record-format.ts'
import type { LogFile } from './segment-names.ts'
import { listPartition } from './segment-names.ts'
import type { SparseIndex } from './sparse-index.ts'

export interface CursorDeps {
  readonly disk: Disk
  readonly commits: CommitView
  readonly index: SparseIndex
  readonly onDamage: (damage: Damage) => void
}

export interface SegmentCursor {
  /** The next records before `end`, about `maxBytes` of them; empty only where the position has reached `end` or stepped over damage. */
  next(end: number, maxBytes: number): Promise<LogRecord[]>
  /** Offset of the next record to be read. */
  offset(): number
  close(): Promise<void>
}

export interface CursorOptions {
  readonly topic: LogTopic
  /** The partition's folder. */
  readonly dir: string
  readonly from: number
  readonly blocking: boolean
  /** Opens all the files at once, so that a compaction cannot change what is read on the way: for reading a whole topic. */
  readonly pinned?: boolean
}

interface Pins {
  readonly files: readonly LogFile[]
  /** Those that are still to be read. */
  readonly opened: Map<string, DiskFile>
}

const MIN_BLOCK_BYTES = 4096
const MAX_LISTINGS = 100

async function closeAll(opened: Map<string, DiskFile>): Promise<void> {
  for (const file of opened.values()) await file.close()
  opened.clear()
}

export function createSegmentCursor(deps: CursorDeps, options: CursorOptions): SegmentCursor {
  const { disk, commits, index, onDamage } = deps
  const { topic, dir } = options
  let offset = options.from
  let file: LogFile | undefined
  let source: BatchSource | undefined
  let records: RecordReader | undefined
  let pins: Pins | undefined
  // Offset that the next batch of the open file should begin with; unknown after a jump into its middle.
  let expected: number | undefined
  let damaged: { readonly position: number } | undefined

  /** Opens the file in which the offset lies, or the next one there is; false where that is the open one. */
  async function openNext(): Promise<boolean> {
    for (let listing = 0; listing < MAX_LISTINGS; listing++) {
      try {
        if (options.pinned === true) pins ??= await pin()
        const wanted = pick(pins?.files ?? (await listPartition(disk, dir)).files)
        if (wanted === undefined || wanted.name === file?.name) return false
        const opened = pins?.opened.get(wanted.name) ?? (await disk.open(path.join(dir, wanted.name), 'read'))
        pins?.opened.delete(wanted.name)
        await use(wanted, opened)
        return true
      } catch (error) {
        // Retention or a compaction took it away between the listing and the opening.
        if (!isMissing(error)) throw error
      }
    }
    throw new KengError('KENG_LOG_UNAVAILABLE', `topic ${topic}: files vanish faster than they can be opened`)
  }

  async function pin(): Promise<Pins> {
    const { files } = await listPartition(disk, dir)
    const opened = new Map<string, DiskFile>()
    try {
      for (const one of files) opened.set(one.name, await disk.open(path.join(dir, one.name), 'read'))
    } catch (error) {
      await closeAll(opened)
      throw error
    }
    return { files, opened }
  }

  function pick(files: readonly LogFile[]): LogFile | undefined {
    const holding = files.findLast((one) => one.base <= offset && (one.end === null || one.end > offset))
    if (file === undefined) return holding ?? files[0]
    // A compaction took the open file's place: what it held of the offsets to come is in the snapshot.
    if (holding?.kind === 'snapshot' && holding.name !== file.name) return holding
    const last = file.end === null ? file.base : file.end - 1
    return files.find((one) => one.kind === 'segment' && one.base > last)
  }

  async function use(wanted: LogFile, opened: DiskFile): Promise<void> {
    const before = file
    await source?.close()
    file = wanted
    source = createBatchSource(opened, { salt: commits.read(topic).salt, blocking: options.blocking })
    const position = wanted.kind === 'segment' ? index.find(wanted.base, offset) : 0
    source.seek(position)
    if (before === undefined || position > 0) expected = position > 0 ? undefined : wanted.base
  }

  /** Names what is missing up to `to` and goes on behind it. What retention removed is no damage. */
  function lose(kind: Damage['kind'], name: string, fromByte: number, toByte: number, to: number): void {
    const { first } = commits.read(topic)
    const from = Math.max(Math.min(expected ?? offset, offset), first)
    offset = Math.max(offset, to)
    expected = to
    if (from < to) onDamage({ topic, kind, file: name, fromByte, toByte, fromOffset: from, toOffset: to })
  }

  /** Takes what was found at the position. True where the batch is to be read now. */
  async function take(found: Found, end: number): Promise<boolean> {
    switch (found.kind) {
      case 'newer':
        throw new KengError(
          'KENG_LOG_VERSION',
          `topic ${topic}, ${file?.name} at byte ${found.position}: format ${found.version}, this version reads 1`,
        )
      case 'damage':
        return false
      case 'end':
        return goOn(found, end)
      case 'batch':
        return takeBatch(found)
    }
  }

  function takeBatch(found: Extract<Found, { kind: 'batch' }>): boolean {
    const { header } = found
    const after = header.baseOffset + header.span
    if (file?.kind === 'segment') index.note(file.base, header.baseOffset, found.position)
    if (expected !== undefined && header.baseOffset > expected) {
      const from = damaged?.position ?? found.position
      lose(damaged === undefined ? 'gap' : 'batch', file?.name ?? '', from, found.position, header.baseOffset)
    }
    damaged = undefined
    expected = after
    if (after <= offset) return false
    offset = Math.max(offset, header.baseOffset)
    records = createRecordReader(found.bytes, found.at, header)
    return true
  }

  /** The open file holds nothing more. */
  async function goOn(found: Extract<Found, { kind: 'end' }>, end: number): Promise<boolean> {
    const name = file?.name ?? ''
    const kind = found.blank ? 'gap' : 'batch'
    if (await openNext()) {
      if (file?.kind === 'segment' && file.base > (expected ?? offset)) {
        lose(kind, name, found.position, found.size, file.base)
      }
    } else {
      // Committed, and yet neither here nor in a later file. What is written next will be found by its own batch.
      lose(kind, name, found.position, found.size, end)
    }
    damaged = undefined
    return false
  }

  async function next(end: number, maxBytes: number): Promise<LogRecord[]> {
    const into: LogRecord[] = []
    let budget = maxBytes
    while (offset < end && budget > 0) {
      if (records !== undefined) {
        budget -= records.take(into, offset, budget)
        offset = Math.max(offset, (into.at(-1)?.offset ?? -1) + 1)
        if (!records.isDone()) break
        offset = Math.max(offset, records.header.baseOffset + records.header.span)
        records = undefined
        continue
      }
      if (source === undefined) {
        if (!(await openNext())) throw new KengError('KENG_LOG_UNAVAILABLE', `topic ${topic}: no file in ${dir}`)
        continue
      }
      // What is in hand goes out before the disk is asked again.
      if (into.length > 0 && !source.isBuffered()) break
      const found = await source.next(blockBytes(maxBytes))
      if (found.kind === 'damage') damaged = found
      await take(found, end)
    }
    return into
  }

  function blockBytes(maxBytes: number): number {
    const durable = file?.kind === 'segment' ? commits.activeBytes(topic, file.base) : undefined
    if (durable === undefined) return maxBytes
    return Math.min(maxBytes, Math.max(MIN_BLOCK_BYTES, durable - (source?.position() ?? 0)))
  }

  return {
    next,
    offset: () => offset,
    async close() {
      const open = source
      source = undefined
      await open?.close()
      if (pins !== undefined) await closeAll(pins.opened)
    },
  }
}
