/** Names in a partition's folder: `<20 digits>.segment` begins at that offset, `<20 digits>.snapshot` stands for all before it, `<8 hex digits>.salt` is empty. */

import path from 'node:path'
import type { LogTopic } from '../../core/log/log-topics.ts'
import type { Disk } from './disk.ts'

const DIGITS = 20
const SALT_DIGITS = 8
const SALT = /^([0-9a-f]{8})\.salt$/
const NAME = /^(\d{20})\.(segment|snapshot)$/

export interface LogFile {
  readonly name: string
  readonly kind: 'segment' | 'snapshot'
  /** First offset the file can hold. */
  readonly base: number
  /** First offset after a snapshot; a segment ends where the next file begins. */
  readonly end: number | null
}

const digits = (offset: number): string => String(offset).padStart(DIGITS, '0')
export const segmentName = (base: number): string => `${digits(base)}.segment`
export const snapshotName = (end: number): string => `${digits(end)}.snapshot`
/** The salt of a topic's batches stands in a name, where no damage inside a file can reach it. */
export const saltName = (salt: number): string => `${salt.toString(16).padStart(SALT_DIGITS, '0')}.salt`
/** A file that is not finished yet; removed at the next start. */
export const UNFINISHED = '.unfinished'

/** The embedded log has one partition a topic: on one machine more would order less and sync more. */
export const partitionDir = (dir: string, topic: LogTopic): string => path.join(dir, topic, '0')

export interface PartitionFiles {
  /** What is to be read, in order of offsets. */
  readonly files: readonly LogFile[]
  /** What a compaction that was cut short left behind: superseded, or never finished. */
  readonly stale: readonly string[]
  readonly salt: number | undefined
}

export async function listPartition(disk: Disk, dir: string): Promise<PartitionFiles> {
  const segments: LogFile[] = []
  const stale: string[] = []
  let snapshot: LogFile | undefined
  let salt: number | undefined
  for (const name of [...(await disk.list(dir))].sort()) {
    const match = NAME.exec(name)
    if (match === null) {
      const salted = SALT.exec(name)
      if (salted !== null) salt = Number.parseInt(salted[1] ?? '', 16)
      else if (name.endsWith(UNFINISHED)) stale.push(name)
      continue
    }
    const offset = Number(match[1])
    if (match[2] === 'segment') {
      segments.push({ name, kind: 'segment', base: offset, end: null })
      continue
    }
    if (snapshot !== undefined) stale.push(snapshot.name)
    snapshot = { name, kind: 'snapshot', base: 0, end: offset }
  }
  const covered = snapshot?.end ?? 0
  const files = segments.filter((segment) => segment.base >= covered)
  for (const segment of segments) if (segment.base < covered) stale.push(segment.name)
  return { files: snapshot === undefined ? files : [snapshot, ...files], stale, salt }
}
