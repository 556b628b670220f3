import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { createVirtualClock } from '../../../libs/runtime/virtual-clock.ts'
import { type CommandDeps, runSimulate, type SimulateArgs } from '../../../simulators/simulate-command.ts'
import type { TruthEvent } from '../../../simulators/truth.ts'
import type { TruthHeader } from '../../../simulators/truth-file.ts'
import type { Cleanup } from '../../support/cleanup.ts'
import { startRecordingBroker } from '../../support/recording-broker.ts'
import { startRegistryStandIn } from '../../support/registry-stand-in.ts'
import { tempDir } from '../../support/temp-dir.ts'

const NOW = Date.UTC(2026, 10, 22, 3)
const SECOND = 1000

async function prepare(t: Cleanup, change: Partial<SimulateArgs>) {
  const broker = await startRecordingBroker(t)
  const registry = await startRegistryStandIn(t)
  const clock = createVirtualClock(NOW)
  const printed: string[] = []
  const warned: string[] = []
  const stop = new AbortController()
  const deps: CommandDeps = {
    clock,
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
    signal: stop.signal,
  }
  const args: SimulateArgs = {
    server: { httpUrl: registry.url, mqttUrl: broker.url, adminToken: registry.adminToken, tokenFile: null },
    scenario: 'commune-water',
    seed: 1,
    speed: 1,
    durationSeconds: null,
    faults: [],
    faultEverySeconds: null,
    devices: null,
    rate: null,
    truthFile: null,
    json: true,
    ...change,
  }
  return { broker, registry, clock, printed, warned, stop, deps, args }
}

const telemetry = (payloads: readonly { topic: string; payload: string }[]) =>
  payloads
    .filter(({ topic }) => topic.endsWith('/telemetry'))
    .flatMap(({ topic, payload }) => {
      const content:
        | { ts: number; boot: string; seq: number; values: Record<string, number> }
        | { ts: number; boot: string; seq: number; values: Record<string, number> }[] = JSON.parse(payload)
      return (Array.isArray(content) ? content : [content]).map((message) => ({
        device: topic.split('/')[2] ?? '',
        ...message,
      }))
    })

test('the demonstration sends 100 seconds of history in order at once, salty enough for an alert, and goes on live', async (t) => {
  const { broker, registry, clock, stop, deps, args } = await prepare(t, {})
  const ended = runSimulate(deps, args)
  await expect
    .poll(() => {
      clock.advance(1)
      return telemetry(broker.received).length
    })
    .toBe(300)
  expect([...registry.devices.values()].every(({ simulated }) => simulated === true)).toBe(true)
  const salty = telemetry(broker.received).filter(({ device }) => device === 'tuky-cong-ven-song')
  expect(salty).toHaveLength(50)
  expect(salty.every(({ ts }, index) => index === 0 || ts > (salty[index - 1]?.ts ?? 0))).toBe(true)
  expect(salty[0]?.ts).toBeGreaterThan(NOW - 101 * SECOND)
  expect((salty.at(-1)?.ts ?? 0) - (salty[0]?.ts ?? 0)).toBeGreaterThan(90 * SECOND)
  expect(salty.every(({ values }) => Number(values['water.salinity']) > 4)).toBe(true)
  clock.advance(10 * SECOND)
  await expect.poll(() => telemetry(broker.received).length).toBe(330)
  stop.abort()
  await expect
    .poll(() => {
      clock.advance(20)
      return broker.connections()
    })
    .toBe(0)
  expect(await ended).toBe(0)
})

test('--truth tells every message with its faults and its acknowledgement, and agrees with what the broker saw', async (t) => {
  const truthFile = join(tempDir(t), 'truth.jsonl')
  const { broker, clock, printed, deps, args } = await prepare(t, {
    scenario: 'fleet',
    devices: 5,
    rate: 5,
    durationSeconds: 300,
    faults: ['offline', 'duplicate', 'reboot', 'spike'],
    faultEverySeconds: 60,
    truthFile,
  })
  let status: number | null = null
  const ended = runSimulate(deps, args).then((result) => {
    status = result
  })
  await expect
    .poll(() => {
      clock.advance(4 * SECOND)
      return status
    })
    .toBe(0)
  await ended

  const [header, ...events] = readFileSync(truthFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): TruthHeader | TruthEvent => JSON.parse(line))
  expect(header).toEqual({
    type: 'begin',
    version: 1,
    scenario: 'fleet',
    seed: 1,
    speed: 1,
    faults: args.faults,
    at: expect.any(Number),
  })
  const identity = ({ device, boot, seq }: { device: string; boot: string; seq: number }) => `${device} ${boot} ${seq}`
  const produced = events.filter((event) => event.type === 'produced')
  const acknowledged = events.filter((event) => event.type === 'acknowledged')
  const repeated = events.filter((event) => event.type === 'repeated')
  expect(produced.length).toBeGreaterThan(1000)
  expect(new Set(produced.map(identity)).size).toBe(produced.length)
  expect(new Set(acknowledged.map(identity))).toEqual(new Set(produced.map(identity)))
  expect(acknowledged).toHaveLength(produced.length + repeated.length)
  expect(repeated.length).toBeGreaterThan(3)
  const labels = new Set(produced.flatMap(({ faults }) => faults.map((fault) => fault.split(':')[0])))
  expect(labels).toEqual(new Set(['offline', 'reboot-1970', 'spike']))

  const arrived = new Map(telemetry(broker.received).map((message) => [identity(message), message]))
  expect(arrived.size).toBe(produced.length)
  for (const { device, boot, seq, ts, values } of produced) {
    expect(arrived.get(identity({ device, boot, seq }))).toEqual({ device, ts, boot, seq, values })
  }
  expect(JSON.parse(printed[0] ?? '')).toMatchObject({
    devices: 5,
    produced: produced.length,
    acknowledged: produced.length,
    waiting: 0,
  })
})

test('wrong options are all named, with exit status 2, before anything is connected', async (t) => {
  const { broker, registry, warned, deps, args } = await prepare(t, { scenario: 'tsunami', speed: 0.5, rate: 0 })
  expect(await runSimulate(deps, args)).toBe(2)
  expect(warned).toHaveLength(1)
  for (const words of ['tsunami', 'commune-water', 'speed is 0.5', 'rate is 0']) expect(warned[0]).toContain(words)
  expect(registry.requests).toEqual([])
  expect(broker.received).toEqual([])
})

test('faster than the clock, a simulated hour ends at now', async (t) => {
  const { broker, clock, deps, args } = await prepare(t, {
    scenario: 'fleet',
    devices: 2,
    rate: 2,
    speed: 60,
    durationSeconds: 3600,
  })
  let status: number | null = null
  const ended = runSimulate(deps, args).then((result) => {
    status = result
  })
  await expect
    .poll(() => {
      clock.advance(2 * SECOND)
      return status
    })
    .toBe(0)
  await ended
  const times = telemetry(broker.received).map(({ ts }) => ts)
  expect(times.length).toBe(120)
  expect(Math.min(...times)).toBeLessThan(NOW - 3400 * SECOND)
  expect(Math.max(...times)).toBeGreaterThan(NOW - 60 * SECOND)
  expect(Math.max(...times)).toBeLessThanOrEqual(NOW + 60 * SECOND)
})
