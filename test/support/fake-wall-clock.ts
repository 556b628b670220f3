/** A wall clock for one process that the test sets while the process runs, by way of libfaketime; the monotonic clock stays true. */

import { execFileSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Cleanup } from './cleanup.ts'
import { tempDir } from './temp-dir.ts'

export interface FakeWallClock {
  /** What the process must be started with. */
  readonly env: Readonly<Record<string, string>>
  /** Sets it to the true time and so many milliseconds. */
  set(offsetMs: number): void
}

/** Starts right. */
export function fakeWallClock(t: Cleanup): FakeWallClock {
  const file = join(tempDir(t), 'offset')
  const set = (offsetMs: number) => {
    // Renamed into place: the process reads it at every look at the clock.
    writeFileSync(`${file}.new`, `${offsetMs < 0 ? '-' : '+'}${Math.abs(offsetMs) / 1000}\n`)
    renameSync(`${file}.new`, file)
  }
  set(0)
  // The program knows where its library lies; -m is the one for threads.
  const library = execFileSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim()
  return {
    set,
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
  }
}
