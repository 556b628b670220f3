/** What the engine holds of one device: its silence, and the state of each rule that holds for it. */

import type { DeviceEntry } from '../device.ts'
import type { Evidence } from './alert.ts'
import type { NoDataRule, ThresholdRule } from './rule.ts'
import type { Timer } from './timer-heap.ts'

/** Live time of a device that was never heard: it is not armed (a device that was never seen cannot fall silent). */
export const NEVER = -1

export type Phase = 'normal' | 'pending' | 'active'

/** A threshold rule made ready for one channel: `sign` turns "below" into "above". */
export interface BoundThreshold {
  readonly rule: ThresholdRule
  readonly hash: string
  readonly sign: 1 | -1
  /** In alarm while value × sign is greater than this. */
  readonly limit: number
  /** Normal again when value × sign is at most this. */
  readonly back: number
  readonly onDelayMs: number
  /** Bits of flags that this rule passes over. */
  readonly passOver: number
}

/** State of one threshold rule for one channel of one device. */
export interface ThresholdCheck {
  readonly kind: 'threshold'
  readonly bound: BoundThreshold
  readonly device: WatchedDevice
  readonly subject: string
  /** (rule, subject): key of its memory. */
  readonly key: string
  phase: Phase
  /** Pending: event time of the reading that crossed, epoch milliseconds. */
  since: number
  /** Pending: live time at which the delay is over. */
  due: number
  /** Pending: the readings that crossed and that are newest. */
  evidence: readonly Evidence[]
  /** Of the active alert, or of the last one; empty before the first. */
  alert: string
  cell: string
  openedAt: number
  stale: boolean
  timer: Timer<TimerOwner> | null
  /** False when it is held no longer: its device or its selection is gone. */
  held: boolean
}

/** State of one no-data rule for one device. */
export interface AbsenceCheck {
  readonly kind: 'no-data'
  readonly rule: NoDataRule
  readonly hash: string
  readonly device: WatchedDevice
  readonly key: string
  active: boolean
  alert: string
  cell: string
  openedAt: number
  held: boolean
}

/** A silence that means something: it opens an alert, or (`absence` null) it makes active alerts stale. */
export interface SilenceLimit {
  readonly afterMs: number
  readonly absence: AbsenceCheck | null
}

export interface WatchedDevice {
  readonly kind: 'device'
  readonly id: string
  entry: DeviceEntry
  /** Live time of the last live message, or NEVER. */
  heardAt: number
  /** The longest silence limit that has passed since, milliseconds; 0 while it is heard. */
  silentMs: number
  /** Silence after which its alerts are stale, milliseconds; infinite without an expected interval. */
  staleMs: number
  /** Sorted by length, then with stale first, then by rule. */
  limits: readonly SilenceLimit[]
  timer: Timer<TimerOwner> | null
  /** Sorted by key. */
  readonly checks: ThresholdCheck[]
  /** Sorted by key. */
  absences: readonly AbsenceCheck[]
  /** Numbers of its series that are bound. */
  readonly series: number[]
  /** Whether its silence changed since the last take of the memory. */
  dirty: boolean
}

export type TimerOwner = ThresholdCheck | WatchedDevice

export const byKey = (a: { readonly key: string }, b: { readonly key: string }): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0

export function newWatchedDevice(entry: DeviceEntry): WatchedDevice {
  return {
    kind: 'device',
    id: entry.id,
    entry,
    heardAt: NEVER,
    silentMs: 0,
    staleMs: Number.POSITIVE_INFINITY,
    limits: [],
    timer: null,
    checks: [],
    absences: [],
    series: [],
    dirty: false,
  }
}
