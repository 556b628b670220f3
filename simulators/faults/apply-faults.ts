/** Puts the faults that were asked for into a device's timeline. */

import type { Timeline } from '../timeline.ts'
import { sendAgain } from './duplicate.ts'
import { offlineThenBackfill } from './offline.ts'
import { rebootTo1970 } from './reboot.ts'
import { seededSchedule } from './schedule.ts'
import { spikes } from './spike.ts'

export const FAULT_KINDS = ['offline', 'duplicate', 'reboot', 'spike'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export const isFaultKind = (text: string): text is FaultKind => (FAULT_KINDS as readonly string[]).includes(text)

export interface FaultOptions {
  readonly seed: number
  readonly device: string
  readonly kinds: readonly FaultKind[]
  /** Each device goes offline, and reboots, once in every stretch of this length. Default ten minutes. */
  readonly everyMs?: number
  /** Share of packets sent twice and of messages with a spike. Default one in fifty. */
  readonly share?: number
}

const TEN_MINUTES_MS = 600_000
const ONE_IN_FIFTY = 0.02

/** From the probe outwards: a value spikes, the device reboots, the network fails, the sender repeats itself. */
export function applyFaults(steps: Timeline, options: FaultOptions): Timeline {
  const { seed, device, kinds, everyMs = TEN_MINUTES_MS, share = ONE_IN_FIFTY } = options
  const schedule = (fault: FaultKind, shortest: number, longest: number) =>
    seededSchedule({ seed, device, fault, everyMs, shortestMs: shortest * everyMs, longestMs: longest * everyMs })
  let result = steps
  if (kinds.includes('spike')) result = spikes(result, { seed, device, share })
  if (kinds.includes('reboot')) {
    result = rebootTo1970(result, { seed, device, schedule: schedule('reboot', 0.05, 0.15), downMs: 0.02 * everyMs })
  }
  if (kinds.includes('offline')) result = offlineThenBackfill(result, schedule('offline', 0.1, 0.4))
  if (kinds.includes('duplicate')) result = sendAgain(result, { seed, device, share, withinMs: 0.01 * everyMs })
  return result
}
