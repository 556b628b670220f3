/** Any history of a partition that an alarm engine may see: messages, silence, outages, clock steps, changes of devices. */

import fc from 'fast-check'

import { OUTAGE_MS } from '../../libs/core/alarm/engine-clock.ts'
import type { AlertRule } from '../../libs/core/alarm/rule.ts'
import type { DecodedRecord } from '../../libs/core/decode/decoded.ts'
import type { DeviceEntry } from '../../libs/core/device.ts'
import { FLAG, type Reading } from '../../libs/core/reading.ts'
import { SCENARIO_START } from './alarm-scenario.ts'

export const LIMIT = 8
export const DEADBAND = 1
const message = { vi: '{device} {value}', en: '{device} {value}' }
const source = { document: 'test', confirmed: false }
export const threshold = (id: string, more: object): AlertRule =>
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

export const HISTORY_RULES: readonly AlertRule[] = [
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
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

export const STARTING_DEVICES: readonly DeviceEntry[] = [{ id: 'a', cell: 'x', expectedIntervalSeconds: 4 }]

export function toRecords(happenings: readonly Happening[]): DecodedRecord[] {
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

export const history = fc.array(happening, { maxLength: 60 }).map(toRecords)
