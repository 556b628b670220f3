import { expect, test } from 'vitest'

import { createVirtualClock } from '../../../libs/runtime/virtual-clock.ts'
import { offlineThenBackfill } from '../../../simulators/faults/offline.ts'
import { listedSchedule } from '../../../simulators/faults/schedule.ts'
import { createFleet, type Fleet, type FleetOptions } from '../../../simulators/fleet.ts'
import { deviceTimeline } from '../../../simulators/timeline.ts'
import type { TruthEvent } from '../../../simulators/truth.ts'
import type { Cleanup } from '../../support/cleanup.ts'
import { type RecordingBroker, startRecordingBroker } from '../../support/recording-broker.ts'

const START = Date.UTC(2026, 10, 22)
const SECOND = 1000
const SEED = 5

interface Message {
  readonly ts: number
  readonly boot: string
  readonly seq: number
  readonly values: Record<string, number>
}

const timeline = (device: string, seconds: number) =>
  deviceTimeline({
    device,
    seed: SEED,
    from: START,
    until: START + seconds * SECOND,
    intervalMs: SECOND,
    sample: (t) => ({ 'water.level': (t % 7919) / 1000 }),
  })

function run(t: Cleanup, broker: RecordingBroker, options: Partial<FleetOptions> & Pick<FleetOptions, 'devices'>) {
  const clock = createVirtualClock(START)
  const truth: TruthEvent[] = []
  const troubles: string[] = []
  const fleet: Fleet = createFleet(
    { clock, onTruth: (event) => truth.push(event), onTrouble: ({ code }) => troubles.push(code) },
    { mqttUrl: broker.url, ...options },
  )
  t.onTestFinished(async () => {
    const stopped = fleet.stop()
    clock.advance(60 * SECOND)
    await stopped
  })
  fleet.start()
  return { clock, truth, troubles, fleet }
}

/** Telemetry messages of a device in the order in which the broker first saw them, and how often each came. */
function firstSeen(broker: RecordingBroker, device: string): { order: Message[]; copies: number } {
  const seen = new Set<string>()
  const order: Message[] = []
  let copies = 0
  for (const { topic, payload } of broker.received) {
    if (topic !== `keng/v1/${device}/telemetry`) continue
    const content: Message | Message[] = JSON.parse(payload)
    for (const message of Array.isArray(content) ? content : [content]) {
      const identity = `${message.boot} ${message.seq}`
      if (seen.has(identity)) copies++
      else order.push(message)
      seen.add(identity)
    }
  }
  return { order, copies }
}

const only = <Type extends TruthEvent['type']>(truth: readonly TruthEvent[], type: Type, device: string) =>
  truth.filter((event): event is Extract<TruthEvent, { type: Type }> => event.type === type && event.device === device)

test('a fleet whose connections break all the time has every message acknowledged once, in the order of each device', async (t) => {
  const broker = await startRecordingBroker(t)
  const names = ['dev-a', 'dev-b', 'dev-c', 'dev-d']
  const devices = names.map((id) => ({ id, token: 'secret', timeline: timeline(id, 200) }))
  const { clock, truth, fleet } = run(t, broker, { devices, inFlight: 8 })

  let rounds = 0
  await expect
    .poll(() => {
      rounds++
      if (rounds % 3 === 0) broker.breakInsteadOfAcknowledging(2)
      if (rounds % 7 === 0) broker.cutAll()
      clock.advance(4 * SECOND)
      const { acknowledged, waiting } = fleet.counts()
      return { acknowledged, waiting }
    })
    .toEqual({ acknowledged: 800, waiting: 0 })
  await fleet.finished

  let copies = 0
  for (const device of names) {
    const produced = only(truth, 'produced', device)
    const arrived = firstSeen(broker, device)
    copies += arrived.copies
    expect(produced.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, seq) => seq))
    expect(arrived.order).toEqual(produced.map(({ ts, boot, seq, values }) => ({ ts, boot, seq, values })))
    expect(only(truth, 'acknowledged', device).map(({ seq }) => seq)).toEqual(produced.map(({ seq }) => seq))
  }
  // The broker saw some packets twice: these carry DUP and the identifier of the first time.
  expect(copies).toBeGreaterThan(0)
  const telemetry = broker.received.filter(({ topic }) => topic.endsWith('/telemetry'))
  for (const [index, packet] of telemetry.entries()) {
    const earlier = telemetry
      .slice(0, index)
      .find(({ device, payload }) => device === packet.device && payload === packet.payload)
    if (earlier === undefined) continue
    expect(packet.dup).toBe(true)
    expect(packet.messageId).toBe(earlier.messageId)
  }
})

test('a device that goes offline speaks through its will and then sends what it kept as one array in order', async (t) => {
  const broker = await startRecordingBroker(t)
  const schedule = listedSchedule([{ from: START + 10 * SECOND, to: START + 40 * SECOND }])
  const { clock, truth, fleet } = run(t, broker, {
    devices: [{ id: 'dev-a', token: 'secret', timeline: offlineThenBackfill(timeline('dev-a', 60), schedule) }],
  })
  await expect
    .poll(() => {
      clock.advance(SECOND)
      return fleet.counts().acknowledged
    })
    .toBe(60)
  const statuses = broker.received.filter(({ topic }) => topic === 'keng/v1/dev-a/status')
  expect(statuses.map(({ payload }) => payload)).toEqual(['{"online":true}', '{"online":false}', '{"online":true}'])
  expect(statuses.every(({ retain }) => retain)).toBe(true)
  const arrays = broker.received.filter(({ payload }) => payload.startsWith('['))
  expect(arrays).toHaveLength(1)
  expect(JSON.parse(arrays[0]?.payload ?? '[]')).toHaveLength(30)
  expect(firstSeen(broker, 'dev-a').order.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, seq) => seq))
  expect(only(truth, 'produced', 'dev-a').filter(({ faults }) => faults.includes('offline'))).toHaveLength(30)
})

test('while the broker is away a device holds no more than its capacity and makes the rest later with its true times', async (t) => {
  const broker = await startRecordingBroker(t)
  broker.refuseLogins(true)
  const { clock, troubles, fleet } = run(t, broker, {
    devices: [{ id: 'dev-a', token: 'wrong', timeline: timeline('dev-a', 500) }],
    capacity: 16,
  })
  await expect
    .poll(() => {
      clock.advance(30 * SECOND)
      return troubles.length
    })
    .toBeGreaterThan(2)
  expect(new Set(troubles)).toEqual(new Set(['KENG_CLIENT_LOGIN']))
  expect(fleet.counts()).toMatchObject({ produced: 16, waiting: 16, acknowledged: 0 })
  broker.refuseLogins(false)
  await expect
    .poll(() => {
      clock.advance(30 * SECOND)
      return fleet.counts().acknowledged
    })
    .toBe(500)
  const { order } = firstSeen(broker, 'dev-a')
  expect(order.every(({ ts }, seq) => ts - (order[0]?.ts ?? 0) === seq * SECOND)).toBe(true)
})

test('stop says goodbye: the retained status is offline and no connection is left', async (t) => {
  const broker = await startRecordingBroker(t)
  const endless = deviceTimeline({
    device: 'dev-a',
    seed: SEED,
    from: START,
    intervalMs: SECOND,
    sample: () => ({ 'water.level': 1 }),
  })
  const { clock, fleet } = run(t, broker, { devices: [{ id: 'dev-a', token: 'secret', timeline: endless }] })
  await expect
    .poll(() => {
      clock.advance(SECOND)
      return fleet.counts().acknowledged
    })
    .toBeGreaterThan(3)
  const stopped = fleet.stop(5 * SECOND)
  await expect
    .poll(() => {
      clock.advance(20)
      return broker.connections()
    })
    .toBe(0)
  await stopped
  expect(broker.received.at(-1)).toMatchObject({
    topic: 'keng/v1/dev-a/status',
    payload: '{"online":false}',
    retain: true,
  })
  expect(fleet.counts()).toMatchObject({ waiting: 0, connected: 0 })
})

test('at speed 100 a backlog of simulated time is sent as fast as the clock allows', async (t) => {
  const broker = await startRecordingBroker(t)
  const { clock, fleet } = run(t, broker, {
    devices: [{ id: 'dev-a', token: 'secret', timeline: timeline('dev-a', 300) }],
    startAt: START,
    speed: 100,
  })
  clock.advance(1)
  expect(fleet.counts().produced).toBeLessThan(3)
  clock.advance(2999)
  expect(fleet.counts().produced).toBe(300)
  await expect.poll(() => fleet.counts().acknowledged).toBe(300)
})
