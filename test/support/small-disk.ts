/** A disk that is small enough to fill: a tmpfs of the test's own, and what fills it. Needs root. */

import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import type { Cleanup } from './cleanup.ts'

export interface SmallDisk {
  readonly dir: string
  /** Takes all the room that is left. */
  fill(): void
  /** Gives it back. */
  free(): void
}

const BLOCK = Buffer.alloc(1024 * 1024)
const PAGE_BYTES = 4096

/** Mounts a disk of `mebibytes` at `dir`, which is made where it is missing. Ask for it before whatever uses it, so that it is unmounted last. */
export function smallDisk(t: Cleanup, dir: string, mebibytes: number): SmallDisk {
  mkdirSync(dir, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'keng-test', dir])
  t.onTestFinished(() => void execFileSync('umount', ['--lazy', dir]))
  const ballast = join(dir, 'ballast')
  return {
    dir,
    fill() {
      const file = openSync(ballast, 'a')
      for (let length = BLOCK.length; length >= PAGE_BYTES; ) {
        try {
          if (writeSync(file, BLOCK, 0, length) < length) length = PAGE_BYTES
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
          length /= 2
        }
      }
      closeSync(file)
    },
    free: () => rmSync(ballast),
  }
}
