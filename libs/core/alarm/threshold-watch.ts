/** Threshold rules: crossing, on-delay, deadband, return. */

import { FLAG, flagNames, QUIET_FLAGS, type Reading } from '../reading.ts'
import type { EndedBy, Evidence } from './alert.ts'
import { alertId } from './alert-id.ts'
import { thresholdText } from './alert-text.ts'
import type { DecisionList } from './decision-list.ts'
import type { EngineClock } from './engine-clock.ts'
import type { ThresholdRule } from './rule.ts'
import { ruleHash } from './rule-match.ts'
import type { TimerHeap } from './timer-heap.ts'
import type { BoundThreshold, ThresholdCheck, TimerOwner, WatchedDevice } from './watched-device.ts'

const MS_PER_SECOND = 1000

export function bindThreshold(rule: ThresholdRule): BoundThreshold {
  const sign = rule.above === undefined ? -1 : 1
  const limit = rule.above ?? rule.below ?? Number.POSITIVE_INFINITY
  let passOver = QUIET_FLAGS
  for (const name of rule.ignore ?? []) passOver |= FLAG[name]
  return {
    rule,
    hash: ruleHash(rule),
    sign,
    limit: limit * sign,
    back: (limit - sign * (rule.deadband ?? 0)) * sign,
    onDelayMs: (rule.onDelaySeconds ?? 0) * MS_PER_SECOND,
    passOver,
  }
}

export function newThresholdCheck(bound: BoundThreshold, device: WatchedDevice): ThresholdCheck {
  const subject = `${device.id}/${bound.rule.channel}`
  return {
    kind: 'threshold',
    bound,
    device,
    subject,
    key: `${bound.rule.id}/${subject}`,
    phase: 'normal',
    since: 0,
    due: 0,
    evidence: [],
    alert: '',
    cell: '',
    openedAt: Number.NEGATIVE_INFINITY,
    stale: false,
    timer: null,
    held: true,
  }
}

const evidenceOf = (reading: Reading): Evidence => ({
  device: reading.device,
  channel: reading.channel,
  ts: reading.ts,
  value: reading.value,
  receivedAt: reading.receivedAt,
  flags: flagNames(reading.flags),
})

/** A device without a clock gets its arrival, or a little more where several came at once. */
const isStampedByArrival = ({ ts, receivedAt }: Evidence): boolean =>
  ts >= receivedAt && ts < receivedAt + MS_PER_SECOND

export interface ThresholdWatch {
  /** One reading against one rule. Does nothing, and allocates nothing, while the value is normal. */
  check(check: ThresholdCheck, reading: Reading): void
  /** Its timer came: the delay is over by the log's clock, or the crossing was called off meanwhile. */
  due(check: ThresholdCheck, timerDue: number): void
  /** Arrival times jumped by so many milliseconds: nothing elapsed for a crossing whose time was an arrival. */
  clockSet(check: ThresholdCheck, jumpMs: number): void
  /** Goes on from a restored state. */
  resume(check: ThresholdCheck): void
  stale(check: ThresholdCheck, at: number): void
  fresh(check: ThresholdCheck, at: number): void
  /** Ends what is active for a reason other than a reading, and forgets the state. */
  end(check: ThresholdCheck, endedBy: EndedBy): void
}

interface Parts {
  readonly clock: EngineClock
  readonly decisions: DecisionList
  readonly timers: TimerHeap<TimerOwner>
  readonly changed: (check: ThresholdCheck) => void
}

export function createThresholdWatch({ clock, decisions, timers, changed }: Parts): ThresholdWatch {
  const setTimer = (check: ThresholdCheck) => {
    check.timer ??= timers.push(check.due, check.key, check)
  }

  const mark = (check: ThresholdCheck, type: 'stale' | 'fresh', at: number) => {
    check.stale = type === 'stale'
    const decidedAt = decisions.place()
    decisions.add({ type, alert: check.alert, cell: check.cell, at, decidedAt })
    changed(check)
  }

  const open = (check: ThresholdCheck) => {
    const { device, bound, subject, evidence } = check
    const { rule } = bound
    const newest = evidence.at(-1)
    // A later opening of the same rule and subject is another alert even where a revised reading gives the same time.
    const at = Math.max(check.since + bound.onDelayMs, check.openedAt + 1)
    check.phase = 'active'
    check.openedAt = at
    check.alert = alertId(rule.id, subject, at)
    check.cell = device.entry.cell
    decisions.add({
      type: 'opened',
      alert: check.alert,
      cell: check.cell,
      at,
      decidedAt: decisions.place(),
      rule: rule.id,
      subject,
      device: device.id,
      severity: rule.severity,
      simulated: newest?.flags.includes('simulated') ?? device.entry.simulated === true,
      retrospective: false,
      message: thresholdText(rule, device.entry, newest?.value ?? 0),
      evidence,
    })
    check.evidence = []
    changed(check)
    if (device.silentMs >= device.staleMs) mark(check, 'stale', Math.max(at, clock.time))
  }

  const goBack = (check: ThresholdCheck, ts: number, evidence: readonly Evidence[], endedBy?: EndedBy) => {
    const at = Math.max(ts, check.openedAt)
    const why = endedBy === undefined ? {} : { endedBy }
    const decidedAt = decisions.place()
    decisions.add({ type: 'returned', alert: check.alert, cell: check.cell, at, decidedAt, ...why, evidence })
    check.phase = 'normal'
    check.stale = false
    changed(check)
  }

  const whilePending = (check: ThresholdCheck, reading: Reading, inAlarm: boolean) => {
    if (!inAlarm) {
      // The timer stays where it is: noise around a limit must not fill the heap.
      check.phase = 'normal'
      check.evidence = []
      changed(check)
      return
    }
    const first = check.evidence[0]
    check.evidence = first === undefined ? [evidenceOf(reading)] : [first, evidenceOf(reading)]
    if (reading.ts >= check.since + check.bound.onDelayMs) open(check)
    else changed(check)
  }

  return {
    check(check, reading) {
      const { bound } = check
      if ((reading.flags & bound.passOver) !== 0) return
      const value = reading.value * bound.sign
      if (check.phase === 'normal') {
        if (value <= bound.limit) return
        check.phase = 'pending'
        check.since = reading.ts
        check.due = clock.live + bound.onDelayMs
        check.evidence = [evidenceOf(reading)]
        if (bound.onDelayMs === 0) return open(check)
        setTimer(check)
        changed(check)
      } else if (check.phase === 'active') {
        if (value <= bound.back) goBack(check, reading.ts, [evidenceOf(reading)])
      } else whilePending(check, reading, value > bound.limit)
    },
    due(check, timerDue) {
      check.timer = null
      if (!check.held || check.phase !== 'pending') return
      if (check.due > timerDue) setTimer(check)
      else open(check)
    },
    clockSet(check, jumpMs) {
      const newest = check.evidence.at(-1)
      if (check.phase !== 'pending' || newest === undefined || !isStampedByArrival(newest)) return
      check.since += jumpMs
      changed(check)
    },
    resume(check) {
      if (check.phase === 'pending') setTimer(check)
    },
    stale(check, at) {
      if (check.phase === 'active' && !check.stale) mark(check, 'stale', at)
    },
    fresh(check, at) {
      if (check.phase === 'active' && check.stale) mark(check, 'fresh', at)
    },
    end(check, endedBy) {
      if (check.phase === 'active') goBack(check, clock.time, [], endedBy)
      check.phase = 'normal'
      check.held = false
      if (check.timer !== null) check.timer.wanted = false
    },
  }
}
