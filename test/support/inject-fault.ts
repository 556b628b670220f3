/** Makes a system call of a running process fail on one file, by way of strace. Needs the right to trace. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'

import type { Cleanup } from './cleanup.ts'
import { waitUntil } from './wait-until.ts'

export interface Fault {
  readonly syscall: 'fdatasync' | 'fsync' | 'pwrite64'
  readonly error: 'EIO' | 'ENOSPC'
  /** Which call on each thread fails, from 1; those after it are let through. */
  readonly when: number
  /** The only file that is meant. */
  readonly path: string
}

export interface InjectedFault {
  /** Calls that were made to fail so far. */
  count(): number
  /** Lets go of the process. May be called twice, and after the process has ended. */
  end(): Promise<void>
}

/** Resolves when the next call on the file may be the one that fails. */
export async function injectFault(t: Cleanup, pid: number, fault: Fault): Promise<InjectedFault> {
  const { syscall, error, when, path } = fault
  const what = ['-e', `trace=${syscall}`, '-e', `inject=${syscall}:error=${error}:when=${when}`]
  const child = spawn('strace', ['-f', '-p', String(pid), '-P', path, ...what], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const closed = once(child, 'close')
  const end = async () => {
    child.kill('SIGTERM')
    await closed
  }
  t.onTestFinished(end)
  await waitUntil('strace is attached', () => {
    if (child.exitCode !== null) throw new Error(`strace ended: ${said}`)
    return said.includes(' attached')
  })
  return { count: () => said.match(/\(INJECTED\)/g)?.length ?? 0, end }
}
