/** The engine's memory as text: one entry a (rule, subject), and what it knows of devices and of the clock. */

import type { DeviceEntry } from '../device.ts'
import { KengError } from '../errors.ts'
import type { Evidence } from './alert.ts'
import { type EngineClock, newEngineClock } from './engine-clock.ts'
import type { AbsenceCheck, Phase, ThresholdCheck, WatchedDevice } from './watched-device.ts'

// Ids of rules begin with a letter or a digit, so these are nobody's.
export const CLOCK_KEY = '!clock'
const DEVICE_PREFIX = '!device/'
const HEARD_PREFIX = '!heard/'

export const deviceKey = (id: string): string => DEVICE_PREFIX + id
export const heardKey = (id: string): string => HEARD_PREFIX + id

/** What the engine uses of an entry: the rest may change without a word. */
export function encodeEntry(entry: DeviceEntry): string {
  const { id, cell, name, profile, expectedIntervalSeconds, lateAfterSeconds, simulated } = entry
  return JSON.stringify({ id, cell, name, profile, expectedIntervalSeconds, lateAfterSeconds, simulated })
}

/** Kept, or a restart with a list of devices from before its removal would bring it back. */
export const encodeRemoved = (id: string): string => JSON.stringify({ id, deleted: true })

export const encodeHeard = (device: WatchedDevice): string => `[${device.heardAt},${device.silentMs}]`

export const encodeClock = (clock: EngineClock): string => JSON.stringify(clock)

export interface CheckMemory {
  /** Hash of the rule that made it. */
  readonly rule: string
  readonly phase: Phase
  readonly since?: number
  readonly due?: number
  readonly evidence?: readonly Evidence[]
  readonly alert?: string
  readonly cell?: string
  readonly openedAt?: number
  readonly stale?: boolean
}

/** Null where there is nothing to remember. */
export function encodeCheck(check: ThresholdCheck): string | null {
  const { phase, alert, cell, openedAt, since, due, evidence, stale } = check
  if (phase === 'normal' && alert === '') return null
  const memory: CheckMemory = {
    rule: check.bound.hash,
    phase,
    ...(phase === 'pending' ? { since, due, evidence } : {}),
    ...(alert === '' ? {} : { alert, cell, openedAt }),
    ...(stale ? { stale } : {}),
  }
  return JSON.stringify(memory)
}

export function encodeAbsence({ hash, active, alert, cell, openedAt }: AbsenceCheck): string | null {
  if (!active) return null
  const memory: CheckMemory = { rule: hash, phase: 'active', alert, cell, openedAt }
  return JSON.stringify(memory)
}

export function recallCheck(check: ThresholdCheck, memory: CheckMemory): void {
  check.phase = memory.phase
  check.since = memory.since ?? 0
  check.due = memory.due ?? 0
  check.evidence = memory.evidence ?? []
  check.alert = memory.alert ?? ''
  check.cell = memory.cell ?? ''
  check.openedAt = memory.openedAt ?? Number.NEGATIVE_INFINITY
  check.stale = memory.stale ?? false
}

export function recallAbsence(absence: AbsenceCheck, memory: CheckMemory): void {
  absence.active = memory.phase === 'active'
  absence.alert = memory.alert ?? ''
  absence.cell = memory.cell ?? ''
  absence.openedAt = memory.openedAt ?? Number.NEGATIVE_INFINITY
}

export interface EngineMemory {
  readonly clock: EngineClock | null
  readonly entries: readonly (DeviceEntry | { readonly id: string; readonly deleted: true })[]
  readonly heard: readonly (readonly [id: string, heardAt: number, silentMs: number])[]
  /** Sorted by key, so that what is decided from them comes in one order. */
  readonly checks: readonly (readonly [key: string, memory: CheckMemory])[]
}

const parse = (key: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new KengError('KENG_ALERT_MEMORY', `entry ${key} is not JSON`, { cause })
  }
}

export function decodeMemory(memory: ReadonlyMap<string, string>): EngineMemory {
  const entries: EngineMemory['entries'][number][] = []
  const heard: [string, number, number][] = []
  const checks: [string, CheckMemory][] = []
  let clock: EngineClock | null = null
  for (const [key, text] of [...memory].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const value = parse(key, text)
    if (key === CLOCK_KEY) clock = { ...newEngineClock(), ...(value as Partial<EngineClock>) }
    else if (key.startsWith(DEVICE_PREFIX)) entries.push(value as EngineMemory['entries'][number])
    else if (key.startsWith(HEARD_PREFIX)) {
      const [heardAt, silentMs] = value as [number, number]
      heard.push([key.slice(HEARD_PREFIX.length), heardAt, silentMs])
    } else if (!key.startsWith('!')) checks.push([key, value as CheckMemory])
  }
  return { clock, entries, heard, checks }
}
