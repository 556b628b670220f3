/** Opens one topic: finds its end in the last segment, cuts what is no batch there, and makes sure that what stays is durable. */

import path from 'node:path'
import { KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'
import type { LogRecord } from '../../ports/event-log.ts'
import type { ActiveSegment } from './active-segment.ts'
import { createActiveSegment, openNewSegment } from './active-segment.ts'
import type { Found } from './batch-source.ts'
import { createBatchSource } from './batch-source.ts'
import type { Damage } from './damage.ts'
import type { Disk, DiskFile } from './disk.ts'
import { isDiskFull, isUnreadable } from './disk-errors.ts'
import { createRecordReader } from './record-format.ts'
import type { LogFile, PartitionFiles } from './segment-names.ts'
import { listPartition, saltName } from './segment-names.ts'

export interface RecoveredTopic {
  readonly segment: ActiveSegment
  readonly salt: number
  /** Oldest offset that can be read. */
  readonly first: number
  readonly end: number
  /** The newest record, which need not lie just before `end`; undefined for an empty topic. */
  readonly newest: LogRecord | undefined
}

export interface RecoverDeps {
  readonly disk: Disk
  readonly onDamage: (damage: Damage) => void
  /** A number from 0 to 2^32 - 1 that nobody can foresee. */
  readonly newSalt: () => number
}

const BLOCK_BYTES = 2 * 1024 * 1024
const HEAD_BYTES = 4096

type FoundBatch = Extract<Found, { kind: 'batch' }>

interface Scan {
  readonly end: number
  readonly position: number
  readonly size: number
  /** Whether something other than zeros lies behind the last batch. */
  readonly dirty: boolean
  /** Whether some of the file could not be read. */
  readonly holes: boolean
  readonly last: FoundBatch | undefined
}

export async function recoverTopic(deps: RecoverDeps, topic: LogTopic, dir: string): Promise<RecoveredTopic> {
  const { disk } = deps
  await disk.makeDir(dir)
  const partition = await listPartition(disk, dir)
  const { files, stale } = partition
  for (const name of stale) await disk.unlink(path.join(dir, name))
  const first = files[0]?.base ?? 0
  const salt = await knowSalt(deps, dir, partition)
  const newest = files.at(-1)
  if (newest === undefined || newest.kind === 'snapshot') {
    const base = newest?.end ?? 0
    const segment = await openNewSegment(disk, dir, base)
    return { segment, salt, first, end: base, newest: await newestIn(deps, topic, dir, files, salt) }
  }
  const file = await disk.open(path.join(dir, newest.name), 'write')
  const scan = await scanFile(deps, topic, newest, file, salt)
  let { size } = scan
  // Never cut what could not be read: it may be readable tomorrow, with another cable.
  if (scan.holes && (scan.dirty || scan.size > scan.position)) {
    await file.close()
    const where = `${path.join(dir, newest.name)} cannot be read to its end, at byte ${scan.position} or behind`
    throw new KengError('KENG_LOG_UNAVAILABLE', `${where}; repair the disk, or move the file away to go on without it`)
  }
  if (scan.dirty) {
    // Cut, so that bytes of an unfinished write can never be taken for data; new zeros come with the next growth.
    await file.truncate(scan.position)
    size = scan.position
    const { position, end } = scan
    const damage = { topic, kind: 'tail', file: newest.name, fromByte: position, toByte: scan.size } as const
    deps.onDamage({ ...damage, fromOffset: end, toOffset: end })
  }
  if (scan.last !== undefined) await writeAgain(file, scan.last)
  await file.fdatasync()
  await disk.syncDir(dir)
  const newestRecord = lastOf(scan.last) ?? (await newestIn(deps, topic, dir, files.slice(0, -1), salt))
  const segment = createActiveSegment(file, newest.base, scan.position, size)
  return { segment, salt, first, end: scan.end, newest: newestRecord }
}

/**
 * The last batch may be in the page cache only: its process was killed before the sync, or the sync failed, after which Linux
 * takes the pages for clean. Written once more, they are dirty again and the sync behind this is a true one.
 */
async function writeAgain(file: DiskFile, last: FoundBatch): Promise<void> {
  const bytes = last.bytes.subarray(last.at, last.at + last.header.length)
  try {
    await file.write(bytes, bytes.length, last.position)
  } catch (error) {
    // A copy-on-write file system that is full; the log opens and waits for room as it would while running.
    if (!isDiskFull(error)) throw error
  }
}

/** The topic's salt stands at the beginning of each of its files, where no payload can lie, and in a name. */
async function knowSalt(deps: RecoverDeps, dir: string, partition: PartitionFiles): Promise<number> {
  const { disk } = deps
  for (const { name } of [...partition.files].reverse()) {
    const salt = await saltAtHead(disk, path.join(dir, name))
    if (salt !== undefined && partition.salt !== undefined) return salt
    if (salt !== undefined) return keepSalt(disk, dir, salt)
  }
  if (partition.salt !== undefined) return partition.salt
  if (partition.files.length > 0) {
    // A guess would cut off all that is there.
    throw new KengError(
      'KENG_LOG_DAMAGED',
      `${dir}: every file is damaged at its beginning and the .salt file is missing`,
    )
  }
  return keepSalt(disk, dir, deps.newSalt())
}

async function keepSalt(disk: Disk, dir: string, salt: number): Promise<number> {
  await (await disk.open(path.join(dir, saltName(salt)), 'write')).close()
  await disk.syncDir(dir)
  return salt
}

async function saltAtHead(disk: Disk, name: string): Promise<number | undefined> {
  const source = createBatchSource(await disk.open(name, 'read'), { salt: undefined, blocking: false })
  try {
    const found = await source.next(HEAD_BYTES)
    if (found.kind === 'newer') throw newerVersion(name, found)
    return found.kind === 'batch' ? found.header.salt : undefined
  } catch (error) {
    // Another file will know it.
    if (!isUnreadable(error)) throw error
    return undefined
  } finally {
    await source.close()
  }
}

const newerVersion = (name: string, found: Extract<Found, { kind: 'newer' }>): KengError =>
  new KengError('KENG_LOG_VERSION', `${name} at byte ${found.position} has format ${found.version}, known is 1`)

async function scanFile(deps: RecoverDeps, topic: LogTopic, at: LogFile, file: DiskFile, salt: number): Promise<Scan> {
  const source = createBatchSource(file, { salt, blocking: false })
  let end = at.base
  let last: FoundBatch | undefined
  let damaged: Extract<Found, { kind: 'damage' }> | undefined
  for (;;) {
    const found = await source.next(BLOCK_BYTES)
    if (found.kind === 'newer') throw newerVersion(at.name, found)
    if (found.kind === 'damage') {
      damaged = found
      continue
    }
    if (found.kind === 'end') {
      return { end, position: found.position, size: found.size, dirty: !found.blank, holes: source.sawHoles(), last }
    }
    const { baseOffset, span } = found.header
    if (baseOffset > end) {
      const fromByte = damaged?.position ?? found.position
      const damage = { topic, kind: 'batch', file: at.name, fromByte, toByte: found.position } as const
      deps.onDamage({ ...damage, fromOffset: end, toOffset: baseOffset })
    }
    damaged = undefined
    end = Math.max(end, baseOffset + span)
    last = found
  }
}

function lastOf(batch: FoundBatch | undefined): LogRecord | undefined {
  if (batch === undefined) return undefined
  const records: LogRecord[] = []
  createRecordReader(batch.bytes, batch.at, batch.header).take(records, 0, Number.POSITIVE_INFINITY)
  const last = records.at(-1)
  // A copy: the batch lies in a block of some megabytes.
  return last?.value == null ? last : { ...last, value: Buffer.from(last.value) }
}

/** The newest record in files that are closed: needed only where the active segment is still empty. */
async function newestIn(
  deps: RecoverDeps,
  topic: LogTopic,
  dir: string,
  files: readonly LogFile[],
  salt: number,
): Promise<LogRecord | undefined> {
  for (const one of [...files].reverse()) {
    const file = await deps.disk.open(path.join(dir, one.name), 'read')
    try {
      const last = lastOf((await scanFile({ ...deps, onDamage: () => {} }, topic, one, file, salt)).last)
      if (last !== undefined) return last
    } finally {
      await file.close()
    }
  }
  return undefined
}
