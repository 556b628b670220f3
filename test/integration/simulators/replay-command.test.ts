import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { createVirtualClock } from '../../../libs/runtime/virtual-clock.ts'
import { type ReplayArgs, runReplay } from '../../../simulators/replay-command.ts'
import type { Cleanup } from '../../support/cleanup.ts'
import { startRecordingBroker } from '../../support/recording-broker.ts'
import { startRegistryStandIn } from '../../support/registry-stand-in.ts'
import { tempDir } from '../../support/temp-dir.ts'

const NOW = Date.UTC(2026, 10, 22, 3)
const MINUTE = 60_000

const CSV = [
  'site,time,level (m),EC,note',
  'North,1/03/2017 0:00,0.5,0.326,"quoted, with a comma"',
  'South,1/03/2017 0:00,1.5,NA,',
  'North,1/03/2017 0:30,-0.109,0.4,impossible and sent all the same',
  'North,1/03/2017 0:30,0.7,0.4,the same time again',
  'North,32/03/2017 0:30,0.7,0.4,no such day',
  ',1/03/2017 1:00,0.7,0.4,nowhere',
  'South,1/03/2017 1:00,,NA,nothing',
  'South,1/03/2017 1:30,oops,0.5,',
  'North,1/03/2017 1:00,0.8',
].join('\r\n')

const MAP = {
  device: { column: 'site', prefix: 'river-' },
  registration: { name: 'a recording', expectedIntervalSeconds: 1800 },
  time: { column: 'time', format: 'd/MM/yyyy H:mm', zone: 'Asia/Ho_Chi_Minh' },
  channels: [
    { column: 'level (m)', channel: 'water.level' },
    { column: 'EC', channel: 'water.conductivity', factor: 1000 },
  ],
}

const local = (hour: number, minute: number) => Date.UTC(2017, 2, 1, hour - 7, minute)
const NORTH = [
  { ts: local(0, 0), values: { 'water.level': 0.5, 'water.conductivity': 326 } },
  { ts: local(0, 30), values: { 'water.level': -0.109, 'water.conductivity': 400 } },
  { ts: local(0, 30), values: { 'water.level': 0.7, 'water.conductivity': 400 } },
  { ts: local(1, 0), values: { 'water.level': 0.8 } },
]
const SOUTH = [
  { ts: local(0, 0), values: { 'water.level': 1.5 } },
  { ts: local(1, 30), values: { 'water.conductivity': 500 } },
]

async function prepare(t: Cleanup, change: Partial<ReplayArgs> = {}, csv = CSV, map: unknown = MAP) {
  const broker = await startRecordingBroker(t)
  const registry = await startRegistryStandIn(t)
  const folder = tempDir(t)
  const file = join(folder, 'recording.csv')
  const mapFile = join(folder, 'map.json')
  writeFileSync(file, csv)
  writeFileSync(mapFile, JSON.stringify(map))
  const clock = createVirtualClock(NOW)
  const printed: string[] = []
  const warned: string[] = []
  const stop = new AbortController()
  const args: ReplayArgs = {
    server: {
      httpUrl: registry.url,
      mqttUrl: broker.url,
      adminToken: registry.adminToken,
      tokenFile: join(folder, 'tokens.json'),
    },
    file,
    mapFile,
    speed: null,
    shift: null,
    json: true,
    ...change,
  }
  const run = () =>
    runReplay(
      { clock, print: (line) => printed.push(line), warn: (line) => warned.push(line), signal: stop.signal },
      args,
    )
  const sent = (device: string) =>
    broker.received
      .filter(({ topic }) => topic === `keng/v1/${device}/telemetry`)
      .flatMap(({ payload }) => {
        const content: unknown = JSON.parse(payload)
        return Array.isArray(content) ? content : [content]
      })
  return { broker, registry, clock, printed, warned, stop, run, sent }
}

test('a recording is sent as its devices, at its own times, every usable value, nothing else', async (t) => {
  const { broker, registry, printed, run, sent } = await prepare(t)
  expect(await run()).toBe(0)
  expect(sent('river-north')).toEqual(NORTH)
  expect(sent('river-south')).toEqual(SOUTH)
  expect([...registry.devices.values()]).toEqual([
    { id: 'river-north', simulated: true, name: 'a recording', expectedIntervalSeconds: 1800 },
    { id: 'river-south', simulated: true, name: 'a recording', expectedIntervalSeconds: 1800 },
  ])
  expect(broker.received.filter(({ topic }) => topic.endsWith('/telemetry'))).toHaveLength(2)
  expect(JSON.parse(printed[0] ?? '')).toMatchObject({
    rows: 9,
    values: 9,
    devices: 2,
    messages: 6,
    packets: 2,
    acknowledged: 6,
    skippedRows: { 'no-time': 1, 'no-device': 1, 'no-values': 1 },
    cells: { missing: 4, unreadable: 1 },
    sameTime: 1,
    outOfOrder: 0,
    first: '2017-02-28T17:00:00.000Z',
    last: '2017-02-28T18:30:00.000Z',
    shiftedByMs: 0,
    completed: true,
  })
})

test('played twice it sends the same bytes twice', async (t) => {
  const { broker, run } = await prepare(t)
  await run()
  const first = broker.received
    .filter(({ topic }) => topic.endsWith('/telemetry'))
    .map(({ device, payload }) => `${device} ${payload}`)
  expect(await run()).toBe(0)
  const both = broker.received
    .filter(({ topic }) => topic.endsWith('/telemetry'))
    .map(({ device, payload }) => `${device} ${payload}`)
  expect(both.slice(first.length).sort()).toEqual([...first].sort())
})

test('connections that break do not lose or reorder a row', async (t) => {
  const rows = Array.from({ length: 3000 }, (_, index) => `${1_760_000_000 + index * 60},${index}`)
  const map = {
    device: { id: 'long' },
    time: { column: 't', format: 'epoch-s' },
    channels: [{ column: 'v', channel: 'water.level' }],
    batch: 20,
  }
  const { broker, clock, run, sent } = await prepare(t, {}, ['t,v', ...rows].join('\n'), map)
  let status: number | null = null
  const ended = run().then((result) => {
    status = result
  })
  let rounds = 0
  await expect
    .poll(() => {
      if (rounds++ < 10) broker.breakInsteadOfAcknowledging(1)
      clock.advance(1000)
      return status
    })
    .toBe(0)
  await ended
  const values: number[] = []
  for (const { values: found } of sent('long'))
    if (!values.includes(found['water.level'])) values.push(found['water.level'])
  expect(values).toEqual(Array.from({ length: 3000 }, (_, index) => index))
  expect(sent('long').length).toBeGreaterThan(3000)
})

test('--shift now moves all times so that the last row is now', async (t) => {
  const { run, sent, printed } = await prepare(t, { shift: 'now' })
  expect(await run()).toBe(0)
  expect(sent('river-south').at(-1)).toEqual({ ...SOUTH[1], ts: NOW })
  expect(sent('river-north')[0]).toEqual({ ...NORTH[0], ts: NOW - 90 * MINUTE })
  expect(JSON.parse(printed[0] ?? '').shiftedByMs).toBe(NOW - local(1, 30))
})

test('--speed 1 --shift now plays each row at its moment, in order of time whatever the order of the file', async (t) => {
  const { clock, run, sent } = await prepare(t, { shift: 'now', speed: 1 })
  let status: number | null = null
  const ended = run().then((result) => {
    status = result
  })
  const messages = () => [...sent('river-north'), ...sent('river-south')]
  await expect.poll(() => messages().length).toBe(2)
  expect(messages().every(({ ts }) => ts === NOW)).toBe(true)
  clock.advance(29 * MINUTE)
  await expect.poll(() => messages().length).toBe(2)
  clock.advance(MINUTE)
  await expect.poll(() => messages().length).toBe(4)
  await expect
    .poll(() => {
      clock.advance(MINUTE)
      return status
    })
    .toBe(0)
  await ended
  expect(sent('river-north').map(({ ts }) => ts - NOW)).toEqual([0, 30 * MINUTE, 30 * MINUTE, 60 * MINUTE])
})

test('a recording or a map that cannot be used is refused with all its faults before anything is sent', async (t) => {
  const badMap = await prepare(t, {}, CSV, { ...MAP, device: {}, batch: 0 })
  expect(await badMap.run()).toBe(2)
  expect(badMap.warned[0]).toContain('/batch')
  const badColumns = await prepare(t, {}, CSV, {
    ...MAP,
    channels: [
      { column: 'depth', channel: 'water.level' },
      { column: 'heat', channel: 'water.temperature' },
    ],
  })
  expect(await badColumns.run()).toBe(1)
  expect(badColumns.warned[0]).toMatch(/no column depth, heat.*site, time/)
  const badQuotes = await prepare(t, {}, 'site,time,level (m),EC\nNorth,"1/03/2017 0:00,0.5,0.3\n')
  expect(await badQuotes.run()).toBe(1)
  expect(badQuotes.warned[0]).toContain('recording.csv')
  const empty = await prepare(t, {}, '')
  expect(await empty.run()).toBe(1)
  const nothing = await prepare(t, {}, 'site,time,level (m),EC\nNorth,soon,1,1\n')
  expect(await nothing.run()).toBe(1)
  expect(nothing.warned[0]).toContain('1 no-time')
  for (const { registry, broker } of [badMap, badColumns, badQuotes, empty, nothing]) {
    expect(registry.requests).toEqual([])
    expect(broker.received).toEqual([])
  }
})

test('a token that the broker refuses ends the replay with the reason', async (t) => {
  const { broker, warned, run } = await prepare(t)
  broker.refuseLogins(true)
  expect(await run()).toBe(1)
  expect(warned.at(-1)).toContain('refuses device river-')
})

test('stopped in the middle, it says so with exit status 1', async (t) => {
  const { run, stop, warned, printed } = await prepare(t, { speed: 1 })
  const ended = run()
  stop.abort()
  expect(await ended).toBe(1)
  expect(JSON.parse(printed[0] ?? '').completed).toBe(false)
  expect(warned.at(-1)).toContain('stopped before the end')
})
