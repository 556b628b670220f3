/** What a process takes of the machine, as the kernel counts it (proc(5)); Linux only. */

import { readFileSync } from 'node:fs'

/** USER_HZ is 100 on every Linux that Node.js runs on. */
const TICK_SECONDS = 0.01
const MB = 1_000_000

const procFile = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8')

/** CPU seconds of all threads so far, in user mode and in the kernel. */
export function cpuSeconds(pid: number): number {
  // The name in parentheses may hold anything, so fields are counted from its end.
  const fields = procFile(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS
}

export interface Memory {
  /** Resident now, MB. */
  readonly rssMb: number
  /** The most it ever was, MB. */
  readonly peakRssMb: number
}

export function memoryOf(pid: number): Memory {
  const status = procFile(pid, 'status')
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
  return { rssMb: (kib('VmRSS') * 1024) / MB, peakRssMb: (kib('VmHWM') * 1024) / MB }
}
