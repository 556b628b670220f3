/** The alarm engine: a pure fold over one partition of the log, from decoded records to decisions about alerts. */

import type { DecodedRecord } from '../decode/decoded.ts'
import { DEFAULT_CELL, type DeviceEntry, lateAfterMs } from '../device.ts'
import type { Reading } from '../reading.ts'
import type { Decision, EndedBy } from './alert.ts'
import { createDecisionList } from './decision-list.ts'
import { advanceClock, formerArrival, newEngineClock } from './engine-clock.ts'
import { decodeMemory, recallAbsence, recallCheck } from './engine-memory.ts'
import { createMemoryTracker } from './memory-tracker.ts'
import type { AlertRule, NoDataRule } from './rule.ts'
import { selects } from './rule-match.ts'
import { createSilenceWatch, newAbsenceCheck } from './silence-watch.ts'
import { bindThreshold, createThresholdWatch, newThresholdCheck } from './threshold-watch.ts'
import { createTimerHeap } from './timer-heap.ts'
import {
  type AbsenceCheck,
  type BoundThreshold,
  byKey,
  NEVER,
  newWatchedDevice,
  type ThresholdCheck,
  type TimerOwner,
  type WatchedDevice,
} from './watched-device.ts'

export interface AlarmEngineOptions {
  readonly rules: readonly AlertRule[]
  /** What the registry says now. What the memory and the log say of a device goes before it. */
  readonly devices: Iterable<DeviceEntry>
  /** What `takeMemory` gave, put together entry by entry; absent or empty at the start of the log. */
  readonly memory?: ReadonlyMap<string, string>
}

/** The same records after the same memory give the same decisions, byte for byte, however they are cut into batches. */
export interface AlarmEngine {
  /** The next record in offset order. */
  step(record: DecodedRecord): void
  /** What was decided since the last take, in order. */
  take(): readonly Decision[]
  /** Entries of the memory that changed since the last take; null deletes one. */
  takeMemory(): Map<string, string | null>
}

interface BoundSeries {
  readonly device: WatchedDevice
  readonly checks: readonly ThresholdCheck[]
}

interface Orphan {
  readonly alert: string
  readonly cell: string
  readonly openedAt: number
}

export function createAlarmEngine({ rules, devices, memory }: AlarmEngineOptions): AlarmEngine {
  const recalled = decodeMemory(memory ?? new Map())
  const clock = recalled.clock ?? newEngineClock()
  const decisions = createDecisionList()
  const timers = createTimerHeap<TimerOwner>()
  const tracker = createMemoryTracker(clock)
  const thresholds = createThresholdWatch({ clock, decisions, timers, changed: tracker.checkChanged })
  const silence = createSilenceWatch({
    clock,
    decisions,
    timers,
    thresholds,
    heardChanged: tracker.heardChanged,
    changed: tracker.absenceChanged,
  })

  const watched = new Map<string, WatchedDevice>()
  const bindings: (BoundSeries | undefined)[] = []
  const thresholdRules = new Map<string, BoundThreshold[]>()
  const noDataRules: NoDataRule[] = []
  let orphans: Orphan[] = []

  for (const rule of [...rules].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (rule.kind === 'no-data') noDataRules.push(rule)
    else {
      const ofChannel = thresholdRules.get(rule.channel) ?? []
      ofChannel.push(bindThreshold(rule))
      thresholdRules.set(rule.channel, ofChannel)
    }
  }

  const watch = (entry: DeviceEntry): WatchedDevice => {
    const device = newWatchedDevice(entry)
    device.absences = noDataRules
      .filter((rule) => selects(rule, entry))
      .map((rule) => newAbsenceCheck(rule, device))
      .sort(byKey)
    watched.set(entry.id, device)
    return device
  }

  const watchAndArm = (entry: DeviceEntry): WatchedDevice => {
    const device = watch(entry)
    silence.arm(device)
    return device
  }

  // Decode lets only registered devices pass; a device without an entry is still watched, with what its readings say.
  const deviceOf = (id: string): WatchedDevice => watched.get(id) ?? watchAndArm({ id, cell: DEFAULT_CELL })

  const checkOf = (device: WatchedDevice, bound: BoundThreshold): ThresholdCheck => {
    const known = device.checks.find((check) => check.bound === bound)
    if (known !== undefined) return known
    const check = newThresholdCheck(bound, device)
    device.checks.push(check)
    device.checks.sort(byKey)
    return check
  }

  const bind = (reading: Reading): BoundSeries => {
    const device = deviceOf(reading.device)
    const checks = (thresholdRules.get(reading.channel) ?? [])
      .filter(({ rule }) => selects(rule, device.entry))
      .map((bound) => checkOf(device, bound))
    const series = { device, checks }
    bindings[reading.series] = series
    device.series.push(reading.series)
    return series
  }

  const unbind = (device: WatchedDevice) => {
    for (const series of device.series) bindings[series] = undefined
    device.series.length = 0
  }

  const endThresholds = (device: WatchedDevice, keep: (check: ThresholdCheck) => boolean, endedBy: EndedBy) => {
    const kept: ThresholdCheck[] = []
    for (const check of device.checks) {
      if (keep(check)) kept.push(check)
      else {
        thresholds.end(check, endedBy)
        tracker.forget(check.key)
      }
    }
    device.checks.splice(0, device.checks.length, ...kept)
  }

  const endAbsences = (absences: readonly AbsenceCheck[], endedBy: EndedBy) => {
    for (const absence of absences) {
      silence.end(absence, endedBy)
      absence.held = false
      tracker.forget(absence.key)
    }
  }

  const remove = (device: WatchedDevice) => {
    endThresholds(device, () => false, 'device-removed')
    endAbsences(device.absences, 'device-removed')
    silence.disarm(device)
    unbind(device)
    watched.delete(device.id)
    device.heardAt = NEVER
  }

  const change = (device: WatchedDevice, entry: DeviceEntry) => {
    const stays = device.entry.cell === entry.cell
    device.entry = entry
    endThresholds(device, ({ bound }) => stays && selects(bound.rule, entry), 'device-changed')
    const before = device.absences
    const after = noDataRules
      .filter((rule) => selects(rule, entry))
      .map((rule) => (stays && before.find((absence) => absence.rule === rule)) || newAbsenceCheck(rule, device))
      .sort(byKey)
    endAbsences(
      before.filter((absence) => !after.includes(absence)),
      'device-changed',
    )
    device.absences = after
    unbind(device)
    silence.arm(device)
    tracker.entryChanged(device)
  }

  const takeEntry = (entry: NonNullable<DecodedRecord['entry']>) => {
    const device = watched.get(entry.id)
    if ('deleted' in entry) {
      if (device !== undefined) remove(device)
      tracker.forgetDevice(entry.id)
    } else if (device !== undefined) change(device, entry)
    else tracker.entryChanged(watchAndArm(entry))
  }

  const clockSet = (jumpMs: number) => {
    for (const device of watched.values()) for (const check of device.checks) thresholds.clockSet(check, jumpMs)
  }

  // Whose own clock is right is late by a clock that was set forward, and must not page anybody; but it is not silent.
  const heardByFormerClock = (readings: readonly Reading[]): string | null => {
    for (const { device, ts, receivedAt } of readings) {
      const arrival = formerArrival(clock, receivedAt)
      if (arrival === null) return null
      if (arrival - ts <= lateAfterMs(deviceOf(device).entry)) return device
    }
    return null
  }

  const endOrphans = () => {
    for (const { alert, cell, openedAt } of orphans) {
      const at = Math.max(clock.time, openedAt)
      const decidedAt = decisions.place()
      decisions.add({ type: 'returned', alert, cell, at, decidedAt, endedBy: 'rule-changed', evidence: [] })
    }
    orphans = []
  }

  const recall = () => {
    const known = new Set<string>()
    for (const entry of recalled.entries) {
      known.add(entry.id)
      if (!('deleted' in entry)) watch(entry)
    }
    for (const entry of devices) if (!known.has(entry.id)) tracker.entryChanged(watch(entry))
    for (const [id, heardAt, silentMs] of recalled.heard) {
      const device = watched.get(id) ?? watch({ id, cell: DEFAULT_CELL })
      device.heardAt = heardAt
      device.silentMs = silentMs
    }
    for (const [key, state] of recalled.checks) {
      const [ruleId = '', id = '', channel] = key.split('/')
      const device = watched.get(id) ?? watch({ id, cell: DEFAULT_CELL })
      const absence = device.absences.find((one) => one.key === key && one.hash === state.rule)
      const bound = (thresholdRules.get(channel ?? '') ?? []).find((one) => one.rule.id === ruleId)
      if (absence !== undefined) recallAbsence(absence, state)
      else if (bound !== undefined && bound.hash === state.rule) recallCheck(checkOf(device, bound), state)
      else {
        const { alert = '', cell = DEFAULT_CELL, openedAt = 0 } = state
        if (state.phase === 'active') orphans.push({ alert, cell, openedAt })
        tracker.forget(key)
      }
    }
    for (const device of watched.values()) {
      silence.arm(device)
      for (const check of device.checks) thresholds.resume(check)
    }
  }

  recall()

  return {
    step(record) {
      const jumpMs = advanceClock(clock, record)
      decisions.begin(record)
      tracker.stepped()
      if (jumpMs !== 0) clockSet(jumpMs)
      if (orphans.length > 0) endOrphans()
      for (let timer = timers.takeDue(clock.live); timer !== null; timer = timers.takeDue(clock.live)) {
        if (timer.owner.kind === 'device') silence.due(timer.owner, timer.due)
        else thresholds.due(timer.owner, timer.due)
      }
      if (record.entry !== undefined) takeEntry(record.entry)
      const { readings } = record
      const heard = record.heard ?? heardByFormerClock(readings)
      if (heard !== null) {
        const first = readings[0]
        const own = first === undefined ? undefined : bindings[first.series]?.device
        silence.heard(own !== undefined && own.id === heard ? own : deviceOf(heard))
      }
      for (const reading of readings) {
        for (const check of (bindings[reading.series] ?? bind(reading)).checks) thresholds.check(check, reading)
      }
    },
    take: decisions.take,
    takeMemory: tracker.take,
  }
}
