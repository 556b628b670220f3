import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mqtt from 'mqtt'
import { describe, expect, type TestContext, test } from 'vitest'

import type { Cleanup } from '../support/cleanup.ts'
import { runKeng, spawnKeng } from '../support/spawn-keng.ts'
import { tempDir } from '../support/temp-dir.ts'
import { createServerClient, type ServerClient } from '../torture/server-client.ts'

// The recording is not part of the project (docs/replay.md says where it comes from); it is read from beside the checkout.
const RIVER = fileURLToPath(new URL('../../../shared/data/wq_sensor_sandy_labelled.csv', import.meta.url))
const MAP = fileURLToPath(new URL('../../simulators/replay/maps/river.json', import.meta.url))
const DEVICE = 'river-sandy'
const CHANNELS = ['water.level', 'water.conductivity', 'water.turbidity']

/** As the river's file is written, with what a year of it does not have: no value, a word for none, a row sent twice. */
const SMALL = [
  'Timestamp,Level,Cond,Tur,label_Level,label_Cond,label_Tur,type_Level,type_Cond,type_Tur',
  '1/01/2018 9:05,0.5,300.25,12,0,0,0,0,0,0',
  '1/01/2018 10:35,,301,12.5,0,0,0,0,0,0',
  '1/01/2018 12:05,0.51,NA,-0.5,0,0,0,0,0,0',
  '1/01/2018 12:05,0.51,NA,-0.5,0,0,0,0,0,0',
  '1/01/2018 13:35,NA,,,0,0,0,0,0,0',
  '2/01/2018 0:00,0.52,303,1e3,0,0,0,0,0,0',
].join('\n')

/** Every good value is over the limit and a second is a silence: whatever counts as live opens an alert. */
const RULES = {
  version: 1,
  rules: [
    ...CHANNELS.map((channel) => ({
      id: `any-${channel.replace('.', '-')}`,
      kind: 'threshold',
      channel,
      above: 0,
      severity: 'high',
      message: { vi: '{device}', en: '{device}' },
      source: { document: 'test', confirmed: false, note: { vi: 'thử', en: 'a test' } },
    })),
    { id: 'silent', kind: 'no-data', afterSeconds: 1, severity: 'high', message: { vi: '{device}', en: '{device}' } },
  ],
}

/** A row's time as the file writes it, and its value. */
type Row = readonly [stamp: string, value: number]

interface Recording {
  readonly file: string
  /** By channel, in order of time, each point once. */
  readonly values: ReadonlyMap<string, readonly Row[]>
  /** Rows that have a value, and of these the ones that say nothing new. */
  readonly messages: number
  readonly repeated: number
}

/** Reads the file in its own way: no library, no map, no arithmetic of zones. */
function readRecording(file: string): Recording {
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/)
  const usable = (cell: string | undefined) => cell !== undefined && cell.trim() !== '' && Number.isFinite(Number(cell))
  const rows = lines.map((line) => line.split(',')).filter(([, ...cells]) => cells.slice(0, 3).some(usable))
  const once = rows.filter((row, at) => rows.findIndex(([stamp]) => stamp === row[0]) === at)
  const values = CHANNELS.map((channel, column): [string, Row[]] => [
    channel,
    once.filter((row) => usable(row[column + 1])).map((row) => [row[0] ?? '', Number(row[column + 1])]),
  ])
  return { file, values: new Map(values), messages: rows.length, repeated: rows.length - once.length }
}

const BRISBANE = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Australia/Brisbane',
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})

/** A time as the file would write it; seconds are shown where there are any, so that they are noticed. */
function brisbaneStamp(epochMs: number): string {
  const part = new Map(BRISBANE.formatToParts(epochMs).map(({ type, value }) => [type, value]))
  const seconds = `${part.get('second')}.${part.get('fractionalSecond')}`
  const stamp = `${part.get('day')}/${part.get('month')}/${part.get('year')} ${Number(part.get('hour'))}:${part.get('minute')}`
  return seconds === '00.000' ? stamp : `${stamp}:${seconds}`
}

/** `1/01/2018` and `01/01/2018` are the same day. */
const twoDigitDay = ([stamp, value]: Row): Row => [stamp.replace(/^(\d)\//, '0$1/'), value]

async function startServer(t: Cleanup) {
  const dataDir = tempDir(t)
  const rules = join(dataDir, 'rules.json')
  writeFileSync(rules, JSON.stringify(RULES))
  const { ready } = await spawnKeng(t, { dataDir, env: { KENG_RULES: rules } })
  return { dataDir, ready, client: createServerClient(ready.http, dataDir) }
}

interface Summary {
  readonly messages: number
  readonly acknowledged: number
  readonly values: number
  readonly shiftedByMs: number
}

async function replay(t: Cleanup, dataDir: string, file: string, ...options: string[]): Promise<Summary> {
  const { status, stdout, stderr } = await runKeng(t, {
    args: ['replay', file, '--map', MAP, ...options, '--json'],
    dataDir,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout) as Summary
}

const pointsOf = (client: ServerClient, channel: string) =>
  client.points(`device=${DEVICE}&channel=${channel}&from=2000-01-01&to=2100-01-01`)

/** What is stored, as the file would write it, its times moved back by `shiftMs`. */
async function storedRows(client: ServerClient, shiftMs = 0): Promise<Map<string, Row[]>> {
  const all = new Map<string, Row[]>()
  for (const channel of CHANNELS) {
    const points = await pointsOf(client, channel)
    all.set(
      channel,
      points.map(([ts, value]) => [brisbaneStamp(Date.parse(ts) - shiftMs), value]),
    )
  }
  return all
}

const expectSame = (stored: ReadonlyMap<string, readonly Row[]>, { values }: Recording) => {
  for (const [channel, rows] of values) expect([channel, stored.get(channel)]).toEqual([channel, rows.map(twoDigitDay)])
}

interface AlertList {
  readonly items: readonly { readonly rule: string; readonly state: string }[]
}

const alertsOf = async (client: ServerClient, device: string): Promise<string[]> =>
  ((await client.get(`/api/v1/alerts?device=${device}`)) as AlertList).items.map(({ rule }) => rule).sort()

/**
 * A device that says one thing now and then no more: when its alerts are open, those of whatever came before it in the
 * log would be too, because one engine reads all in one order.
 */
async function alertsAfterControl(t: TestContext, client: ServerClient, mqttUrl: string): Promise<string[]> {
  const [control] = await client.register(['control'])
  const login = { username: 'control', password: control?.token ?? '' }
  const device = await mqtt.connectAsync(mqttUrl, { ...login, reconnectPeriod: 0 })
  t.onTestFinished(() => void device.end(true))
  await device.publishAsync('keng/v1/control/telemetry', '{"values":{"water.level":1}}', { qos: 1 })
  await t.expect.poll(() => alertsOf(client, 'control'), { timeout: 25_000 }).toEqual(['any-water-level', 'silent'])
  return alertsOf(client, DEVICE)
}

async function playsAtItsOwnTimes(t: TestContext, recording: Recording): Promise<void> {
  const { client, dataDir, ready } = await startServer(t)
  const { file, messages, repeated } = recording
  const ledger = { received: messages, stored: messages - repeated, partial: 0, rejected: 0, inFlight: 0 }

  expect(await replay(t, dataDir, file)).toMatchObject({ messages, acknowledged: messages })
  await t.expect.poll(() => client.ledger()).toEqual({ ...ledger, duplicate: repeated })
  expectSame(await storedRows(client), recording)

  expect(await replay(t, dataDir, file)).toMatchObject({ messages, acknowledged: messages })
  await t.expect
    .poll(() => client.ledger())
    .toEqual({ ...ledger, received: 2 * messages, duplicate: messages + repeated })
  expectSame(await storedRows(client), recording)

  expect(await alertsAfterControl(t, client, ready.mqtt)).toEqual([])
}

async function playsMovedToNow(t: TestContext, recording: Recording): Promise<void> {
  const { client, dataDir } = await startServer(t)
  const { file, messages } = recording
  const before = Date.now()
  const { acknowledged, shiftedByMs } = await replay(t, dataDir, file, '--shift', 'now')
  const after = Date.now()
  expect(acknowledged).toBe(messages)
  await t.expect.poll(async () => (await client.ledger()).inFlight).toBe(0)
  expectSame(await storedRows(client, shiftedByMs), recording)

  const [newest = ''] = (await pointsOf(client, 'water.level')).at(-1) ?? []
  expect(Date.parse(newest)).toBeGreaterThanOrEqual(before)
  expect(Date.parse(newest)).toBeLessThanOrEqual(after)
  // The same rows that page nobody at their own times are live now.
  await t.expect
    .poll(() => alertsOf(client, DEVICE))
    .toEqual(expect.arrayContaining(RULES.rules.slice(0, 3).map(({ id }) => id)))
}

// Side by side, because most of their time is waiting for the log to be still; so they poll through their own context.
describe.concurrent('keng replay', { timeout: 120_000 }, () => {
  describe('of a small recording with gaps and a row that is there twice', () => {
    const smallRecording = (t: Cleanup): Recording => {
      const file = join(tempDir(t), 'small.csv')
      writeFileSync(file, SMALL)
      const recording = readRecording(file)
      expect([recording.messages, recording.repeated]).toEqual([5, 1])
      expect([...recording.values.values()].map(({ length }) => length)).toEqual([3, 3, 4])
      return recording
    }

    test('reads back every usable value, adds only duplicates the second time, and pages nobody', (t) =>
      playsAtItsOwnTimes(t, smallRecording(t)))

    test('moved to now ends now, with the same values', (t) => playsMovedToNow(t, smallRecording(t)))
  })

  describe('of a year of a real river', () => {
    const riverRecording = (t: { skip(reason: string): void }): Recording => {
      if (!existsSync(RIVER)) t.skip(`the recording is not there: ${RIVER}`)
      const recording = readRecording(RIVER)
      expect(recording).toMatchObject({ messages: 5402, repeated: 0 })
      return recording
    }

    test('reads back every usable value, adds only duplicates the second time, and pages nobody', (t) =>
      playsAtItsOwnTimes(t, riverRecording(t)))

    test('moved to now ends now, with the same values', (t) => playsMovedToNow(t, riverRecording(t)))
  })
})
