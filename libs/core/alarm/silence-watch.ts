/** Silence: no-data rules, and alerts that go stale because their sensor says nothing more. */

import type { EndedBy } from './alert.ts'
import { alertId } from './alert-id.ts'
import { noDataText } from './alert-text.ts'
import type { DecisionList } from './decision-list.ts'
import { type EngineClock, logTimeOf } from './engine-clock.ts'
import type { NoDataRule } from './rule.ts'
import { allowedSilenceMs, ruleHash } from './rule-match.ts'
import type { ThresholdWatch } from './threshold-watch.ts'
import type { TimerHeap } from './timer-heap.ts'
import { type AbsenceCheck, NEVER, type SilenceLimit, type TimerOwner, type WatchedDevice } from './watched-device.ts'

/** A device that says nothing for so many of its expected intervals leaves its alerts stale. */
export const STALE_AFTER_INTERVALS = 3
const MS_PER_SECOND = 1000

export function newAbsenceCheck(rule: NoDataRule, device: WatchedDevice): AbsenceCheck {
  return {
    kind: 'no-data',
    rule,
    hash: ruleHash(rule),
    device,
    key: `${rule.id}/${device.id}`,
    active: false,
    alert: '',
    cell: '',
    openedAt: Number.NEGATIVE_INFINITY,
    held: true,
  }
}

export interface SilenceWatch {
  /** Takes the device's limits from its entry and its no-data rules, and sets its timer. */
  arm(device: WatchedDevice): void
  /** A live message came. O(1), and allocates nothing, while the device was not silent. */
  heard(device: WatchedDevice): void
  /** Its timer came: it has been silent, or it was heard meanwhile and waits on. */
  due(device: WatchedDevice, timerDue: number): void
  end(absence: AbsenceCheck, endedBy: EndedBy): void
  disarm(device: WatchedDevice): void
}

interface Parts {
  readonly clock: EngineClock
  readonly decisions: DecisionList
  readonly timers: TimerHeap<TimerOwner>
  readonly thresholds: ThresholdWatch
  readonly heardChanged: (device: WatchedDevice) => void
  readonly changed: (absence: AbsenceCheck) => void
}

export function createSilenceWatch({
  clock,
  decisions,
  timers,
  thresholds,
  heardChanged,
  changed,
}: Parts): SilenceWatch {
  const nextLimit = (device: WatchedDevice): SilenceLimit | undefined =>
    device.limits.find((limit) => limit.afterMs > device.silentMs)

  // After an outage everybody's silence begins anew: nothing could be heard meanwhile.
  const dueOf = (device: WatchedDevice, limit: SilenceLimit): number =>
    Math.max(device.heardAt, clock.resumedAt) + limit.afterMs

  const setTimer = (device: WatchedDevice) => {
    const limit = device.heardAt === NEVER ? undefined : nextLimit(device)
    device.timer = limit === undefined ? null : timers.push(dueOf(device, limit), device.id, device)
  }

  const disarm = (device: WatchedDevice) => {
    if (device.timer !== null) device.timer.wanted = false
    device.timer = null
  }

  const open = (absence: AbsenceCheck, at: number, silenceMs: number) => {
    if (absence.active) return
    const { device, rule } = absence
    absence.active = true
    absence.openedAt = at
    absence.alert = alertId(rule.id, device.id, at)
    absence.cell = device.entry.cell
    decisions.add({
      type: 'opened',
      alert: absence.alert,
      cell: absence.cell,
      at,
      decidedAt: decisions.place(),
      rule: rule.id,
      subject: device.id,
      device: device.id,
      severity: rule.severity,
      simulated: device.entry.simulated === true,
      retrospective: false,
      message: noDataText(rule, device.entry, silenceMs),
      evidence: [],
    })
    changed(absence)
  }

  const goBack = (absence: AbsenceCheck, endedBy?: EndedBy) => {
    if (!absence.active) return
    const at = Math.max(clock.time, absence.openedAt)
    const why = endedBy === undefined ? {} : { endedBy }
    const decidedAt = decisions.place()
    decisions.add({ type: 'returned', alert: absence.alert, cell: absence.cell, at, decidedAt, ...why, evidence: [] })
    absence.active = false
    changed(absence)
  }

  const wake = (device: WatchedDevice) => {
    device.silentMs = 0
    for (const absence of device.absences) goBack(absence)
    for (const check of device.checks) thresholds.fresh(check, clock.time)
    disarm(device)
    setTimer(device)
  }

  const fallSilent = (device: WatchedDevice, afterMs: number, at: number) => {
    device.silentMs = afterMs
    heardChanged(device)
    for (const limit of device.limits) {
      if (limit.afterMs !== afterMs) continue
      if (limit.absence !== null) open(limit.absence, at, afterMs)
      else for (const check of device.checks) thresholds.stale(check, at)
    }
  }

  return {
    arm(device) {
      const limits: SilenceLimit[] = []
      const interval = device.entry.expectedIntervalSeconds ?? Number.POSITIVE_INFINITY
      device.staleMs = interval * STALE_AFTER_INTERVALS * MS_PER_SECOND
      if (device.staleMs < Number.POSITIVE_INFINITY) limits.push({ afterMs: device.staleMs, absence: null })
      for (const absence of device.absences) {
        const afterMs = allowedSilenceMs(absence.rule, device.entry)
        if (afterMs !== null) limits.push({ afterMs, absence })
      }
      // A stable sort: stale first, then no-data rules by their key, among limits of one length.
      device.limits = limits.sort((a, b) => a.afterMs - b.afterMs)
      disarm(device)
      setTimer(device)
    },
    heard(device) {
      device.heardAt = clock.live
      if (!device.dirty) heardChanged(device)
      if (device.silentMs > 0) wake(device)
      else if (device.timer === null && device.limits.length > 0) setTimer(device)
    },
    due(device, timerDue) {
      device.timer = null
      const limit = nextLimit(device)
      if (limit === undefined) return
      const due = dueOf(device, limit)
      // A later time waits for its turn even where it has passed: what others decide in between comes first.
      if (due <= timerDue) fallSilent(device, limit.afterMs, logTimeOf(clock, due))
      setTimer(device)
    },
    end: goBack,
    disarm,
  }
}
