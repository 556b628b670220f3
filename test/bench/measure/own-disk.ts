/** A disk that nobody else writes to: a file system in a file, mounted through a loop device, where the user's rights allow it. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Cleanup } from '../../support/cleanup.ts'
import { tempDir } from '../../support/temp-dir.ts'

export interface CountedDisk {
  /** A folder on it. */
  readonly folder: string
  /** Whether nobody else writes to it. */
  readonly isOwn: boolean
  /** Bytes written to the block device so far, the file system's journal included. */
  writtenBytes(): number
}

const SIZE_BYTES = 4 * 1024 ** 3
const SECTOR_BYTES = 512
const SECTORS_WRITTEN = 6

/** Falls back to the disk of the temporary folder, which counts what everybody writes; undefined where that is no block device. */
export function countedDisk(t: Cleanup): CountedDisk | undefined {
  const around = tempDir(t)
  const folder = join(around, 'disk')
  try {
    const image = join(around, 'disk.img')
    writeFileSync(image, '')
    truncateSync(image, SIZE_BYTES)
    mkdirSync(folder)
    execFileSync('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image], { stdio: 'pipe' })
    execFileSync('mount', ['-o', 'loop,noatime', image, folder], { stdio: 'pipe' })
    t.onTestFinished(() => void execFileSync('umount', [folder]))
    return counted(folder, true)
  } catch {
    return counted(around, false)
  }
}

function counted(folder: string, isOwn: boolean): CountedDisk | undefined {
  const statFile = `/sys/dev/block/${deviceOf(folder)}/stat`
  const writtenBytes = () => {
    execFileSync('sync', ['-f', folder])
    const fields = readFileSync(statFile, 'utf8').trim().split(/\s+/)
    return Number(fields[SECTORS_WRITTEN]) * SECTOR_BYTES
  }
  try {
    writtenBytes()
    return { folder, isOwn, writtenBytes }
  } catch {
    return undefined
  }
}

/** `major:minor` as Linux packs them into `st_dev` (makedev(3)). */
function deviceOf(path: string): string {
  const { dev } = statSync(path, { bigint: true })
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  return `${major}:${minor}`
}
