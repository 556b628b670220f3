/** A hard memory limit for a child process: a control group made by hand, where the kernel and the user's rights allow it. */

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Cleanup } from '../../support/cleanup.ts'

export interface MemoryLimit {
  /** What to run before the program, so that it starts inside the limit. */
  readonly prefix: readonly string[]
  /** Most that was charged, MB, page cache included (the kernel gives cache back when it is needed). */
  peakMb(): number
  /** How often the limit was met and something had to be given back. */
  timesAtLimit(): number
}

const MB = 1_000_000
const ROOT = '/sys/fs/cgroup'

interface Version {
  readonly folder: () => string
  readonly limit: string
  readonly peak: string
  readonly timesAtLimit: (folder: string) => number
}

const read = (folder: string, file: string): string => readFileSync(join(folder, file), 'utf8').trim()

const V2: Version = {
  // Below the root, because a group that holds processes cannot also have limited groups below it.
  folder: () => join(ROOT, `keng-bench-${process.pid}`),
  limit: 'memory.max',
  peak: 'memory.peak',
  timesAtLimit: (folder) => Number(/^max (\d+)$/m.exec(read(folder, 'memory.events'))?.[1] ?? 0),
}

const V1: Version = {
  folder: () => {
    const own = /^\d+:memory:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/'
    return join(ROOT, 'memory', own, `keng-bench-${process.pid}`)
  },
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
  timesAtLimit: (folder) => Number(read(folder, 'memory.failcnt')),
}

/** Undefined where no group can be made; the reason is in `why`. */
export function limitMemory(t: Cleanup, mb: number): MemoryLimit | { readonly why: string } {
  const version = existsSync(join(ROOT, 'cgroup.controllers')) ? V2 : V1
  try {
    const folder = version.folder()
    mkdirSync(folder)
    t.onTestFinished(() => rmdirSync(folder))
    writeFileSync(join(folder, version.limit), String(mb * MB))
    return {
      prefix: ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(folder, 'cgroup.procs')],
      peakMb: () => Number(read(folder, version.peak)) / MB,
      timesAtLimit: () => version.timesAtLimit(folder),
    }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}
