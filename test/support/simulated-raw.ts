/** A raw log as a commune with faulty devices would leave it: hours of messages, ticks, clock steps, nonsense. Deterministic. */

import { DEFAULT_CELL, type DeviceEntry } from '../../libs/core/device.ts'
import { encodeClockStep, encodeMessage, encodeTick, telemetryTopic } from '../../libs/core/log/raw-record.ts'
import type { NewRecord } from '../../libs/ports/event-log.ts'
import { applyFaults, FAULT_KINDS } from '../../simulators/faults/apply-faults.ts'
import { communeWater } from '../../simulators/scenarios/commune-water.ts'
import { deviceTimeline, wireForm } from '../../simulators/timeline.ts'

export interface SimulatedRaw {
  readonly devices: readonly DeviceEntry[]
  readonly records: readonly NewRecord[]
}

const SECOND = 1_000
const MINUTE = 60_000
const INTERVAL_SECONDS = 30
/** Ticks stop for this long once: the pipeline itself was away. */
const OUTAGE_MS = 20 * MINUTE

export function simulatedRaw(hours: number, seed = 7, start = Date.UTC(2026, 3, 1)): SimulatedRaw {
  const simulated = communeWater.devices({ seed })
  const until = start + hours * 60 * MINUTE
  const outage = start + (hours * 60 * MINUTE) / 2
  const step = start + (hours * 60 * MINUTE) / 3
  const timed: { readonly time: number; readonly value: Uint8Array }[] = []
  for (const { registration, sample } of simulated) {
    const device = registration.id
    const steps = deviceTimeline({ device, seed, from: start, until, intervalMs: INTERVAL_SECONDS * SECOND, sample })
    for (const one of applyFaults(steps, { device, seed, kinds: FAULT_KINDS, everyMs: 3_600_000 })) {
      if (one.kind !== 'publish') continue
      const body = one.messages.length === 1 && one.messages[0] ? wireForm(one.messages[0]) : one.messages.map(wireForm)
      const payload = Buffer.from(JSON.stringify(body))
      timed.push({ time: one.at, value: encodeMessage('mqtt', device, telemetryTopic(device), one.at, payload) })
    }
    const nonsense = Buffer.from('{"values":{"water.ph":"neutral"')
    timed.push({
      time: start + MINUTE,
      value: encodeMessage('mqtt', device, telemetryTopic(device), start + MINUTE, nonsense),
    })
  }
  for (let time = start; time < until; time += 5 * SECOND) timed.push({ time, value: encodeTick(time) })
  timed.push({ time: step, value: encodeClockStep(step, 3 * MINUTE) })
  const there = timed.filter(({ time }) => time < outage || time > outage + OUTAGE_MS)
  there.sort((a, b) => a.time - b.time)
  return {
    devices: simulated.map(({ registration }) => ({
      cell: DEFAULT_CELL,
      ...registration,
      expectedIntervalSeconds: INTERVAL_SECONDS,
    })),
    records: there.map(({ time, value }) => ({ key: DEFAULT_CELL, time, value })),
  }
}
