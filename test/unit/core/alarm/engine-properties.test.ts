import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Decision } from '../../../../libs/core/alarm/alert.ts'
import { OUTAGE_MS } from '../../../../libs/core/alarm/engine-clock.ts'
import type { AlertRule } from '../../../../libs/core/alarm/rule.ts'
import type { DecodedRecord } from '../../../../libs/core/decode/decoded.ts'
import type { DeviceEntry } from '../../../../libs/core/device.ts'
import { FLAG, QUIET_FLAGS, type Reading } from '../../../../libs/core/reading.ts'
import { SCENARIO_START } from '../../../support/alarm-scenario.ts'
import { runEngine } from '../../../support/run-engine.ts'

const LIMIT = 8
const DEADBAND = 1
const message = { vi: '{device} {value}', en: '{device} {value}' }
const source = { document: 'test', confirmed: false }
const threshold = (id: string, more: object): AlertRule =>
  ({
    id,
    kind: 'threshold',
    channel: 'water.ph',
    severity: 'high',
    message,
    source,
    deadband: DEADBAND,
    ...more,
  }) as AlertRule
const noData = (id: string, more: object): AlertRule =>
  ({ id, kind: 'no-data', severity: 'low', message: { vi: '{device}', en: '{device}' }, ...more }) as AlertRule

const RULES: readonly AlertRule[] = [
  threshold('above', { above: LIMIT }),
  threshold('below', { below: 4 }),
  threshold('slow', { above: LIMIT, onDelaySeconds: 20 }),
  threshold('river', { above: 5, onDelaySeconds: 7, select: { profiles: ['river'] } }),
  noData('silent', {}),
  noData('quick', { afterSeconds: 11 }),
]
const DEVICES = ['a', 'b', 'c']

/** What may happen next, and how long after what was before. */
const happening = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      after: fc.integer({ min: 0, max: 12_000 }),
      device: fc.constantFrom(...DEVICES),
      values: fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 1, maxLength: 3 }),
      delay: fc.integer({ min: 0, max: 3_000 }),
      flags: fc.constantFrom<number[]>(0, 0, 0, 0, FLAG.late, FLAG.calibrating, FLAG['out-of-order'], FLAG.simulated),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('tick' as const), after: fc.constant(5_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('outage' as const),
      after: fc.integer({ min: OUTAGE_MS + 1, max: 500_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      after: fc.nat(5_000),
      by: fc.integer({ min: -90_000, max: 90_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('remove' as const),
      after: fc.nat(5_000),
      device: fc.constantFrom(...DEVICES),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('device' as const),
      after: fc.nat(5_000),
      device: fc.constantFrom(...DEVICES),
      interval: fc.constantFrom(undefined, 4, 10),
      profile: fc.constantFrom(undefined, 'river'),
      cell: fc.constantFrom('x', 'x', 'x', 'y'),
    }),
  },
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

const STARTING: readonly DeviceEntry[] = [{ id: 'a', cell: 'x', expectedIntervalSeconds: 4 }]

function toRecords(happenings: readonly Happening[]): DecodedRecord[] {
  let time = SCENARIO_START
  return happenings.map((one, offset) => {
    time += one.after + (one.kind === 'step' ? Math.max(0, one.by) : 0)
    return { partition: 0, offset, time, receivedAt: time, readings: [], heard: null, ...factsOf(one, time) }
  })
}

function factsOf(one: Happening, time: number): Pick<DecodedRecord, 'kind'> & Partial<DecodedRecord> {
  if (one.kind === 'step') return { kind: 'clock-step', steppedBy: one.by }
  if (one.kind === 'remove') return { kind: 'device', entry: { id: one.device, deleted: true } }
  if (one.kind === 'device') {
    const { device: id, cell, interval, profile } = one
    const entry: DeviceEntry = {
      id,
      cell,
      ...(interval !== undefined && { expectedIntervalSeconds: interval }),
      ...(profile !== undefined && { profile }),
    }
    return { kind: 'device', entry }
  }
  if (one.kind !== 'message') return { kind: 'tick' }
  const { device, flags } = one
  const readings = one.values.map((value, i): Reading => {
    const ts = time - one.delay + i
    return { device, channel: 'water.ph', series: DEVICES.indexOf(device), ts, value, receivedAt: time, flags }
  })
  return { kind: 'message', readings, heard: (flags & FLAG.late) === 0 ? device : null }
}

const history = fc.array(happening, { maxLength: 60 }).map(toRecords)
const run = { rules: RULES, devices: STARTING }

test('for any values, each crossing of limit and deadband gives exactly one raise and one clear', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ value: fc.integer({ min: 0, max: 14 }), quiet: fc.boolean() })), (steps) => {
      const records = toRecords(
        steps.map(({ value, quiet }) => ({
          kind: 'message',
          after: 1000,
          device: 'b',
          values: [value],
          delay: 0,
          flags: quiet ? FLAG.fault : 0,
        })),
      )
      let active = false
      const expected: string[] = []
      for (const { readings } of records) {
        for (const { value, ts, flags } of readings) {
          if ((flags & QUIET_FLAGS) !== 0) continue
          if (!active && value > LIMIT) expected.push(`opened ${ts}`)
          if (active && value <= LIMIT - DEADBAND) expected.push(`returned ${ts}`)
          active = active ? value > LIMIT - DEADBAND : value > LIMIT
        }
      }
      const { decisions } = runEngine(records, { rules: [threshold('above', { above: LIMIT })] })
      expect(decisions.map(({ type, at }) => `${type} ${at}`)).toEqual(expected)
    }),
  )
})

test('a restart at any places changes no decision and no memory', () => {
  fc.assert(
    fc.property(history, fc.array(fc.nat(60)), (records, cuts) => {
      const straight = runEngine(records, run)
      const restarted = runEngine(records, { ...run, restarts: new Set(cuts) })
      expect(JSON.stringify(restarted.decisions)).toBe(JSON.stringify(straight.decisions))
      expect(Object.fromEntries(restarted.memory)).toEqual(Object.fromEntries(straight.memory))
    }),
    { numRuns: 300 },
  )
})

test('two engines over the same records decide the same', () => {
  fc.assert(
    fc.property(history, (records) => {
      const again = records.map((record) => structuredClone(record))
      expect(runEngine(again, run)).toEqual(runEngine(records, run))
    }),
  )
})

test('alerts of one rule and subject never overlap, no id is given twice, and nothing returns before it opened', () => {
  fc.assert(
    fc.property(history, (records) => {
      const { decisions } = runEngine(records, run)
      const active = new Map<string, Decision>()
      const busy = new Set<string>()
      const ids = new Set<string>()
      const subjects = new Map<string, string>()
      for (const decision of decisions) {
        const { alert } = decision
        if (decision.type === 'opened') {
          const subject = `${decision.rule}/${decision.subject}`
          expect(busy.has(subject)).toBe(false)
          expect(ids.has(alert)).toBe(false)
          busy.add(subject)
          ids.add(alert)
          subjects.set(alert, subject)
          active.set(alert, decision)
        } else {
          expect(active.has(alert)).toBe(true)
          expect(decision.at).toBeGreaterThanOrEqual(active.get(alert)?.at ?? 0)
          if (decision.type === 'returned') {
            active.delete(alert)
            busy.delete(subjects.get(alert) ?? '')
          }
        }
      }
    }),
  )
})

test('a decision’s place in the log is unique and goes up', () => {
  fc.assert(
    fc.property(history, (records) => {
      const places = runEngine(records, run).decisions.map(({ decidedAt }) => decidedAt.offset * 1000 + decidedAt.index)
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b))
    }),
  )
})

test('however long the pipeline was down, devices that speak again in time were never silent', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: OUTAGE_MS + 1, max: 100_000_000 }), { minLength: 1 }), (outages) => {
      const records = toRecords(
        outages.flatMap((after): Happening[] => [
          { kind: 'message', after: 3_000, device: 'a', values: [7], delay: 0, flags: 0 },
          { kind: 'outage', after },
        ]),
      )
      expect(runEngine(records, run).decisions).toEqual([])
    }),
  )
})
