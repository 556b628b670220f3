import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fakeWallClock } from '../../support/fake-wall-clock.ts'
import { readHealth, readMetric } from '../../support/health.ts'
import { isAbsent } from '../../support/requirement.ts'
import { spawnKeng } from '../../support/spawn-keng.ts'
import { createSteadyDevice, type SteadyDevice } from '../../support/steady-device.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { readClockSteps, readTimes } from '../../torture/read-raw.ts'
import { createServerClient, type ServerClient } from '../../torture/server-client.ts'

const t = { onTestFinished }
const POLL = { timeout: 30_000 }
const DAY_MS = 86_400_000
/** What a restart and a busy machine may take: little against a day. */
const NEAR_MS = 20_000
const COUNTER = 'water.orp'
const ON_DELAY_MS = 5_000
const NORMAL = { 'water.temperature': 20, 'water.level': 1 }

const text = (words: string) => ({ vi: words, en: words })
const source = { document: 'test', confirmed: false }
const rule = (id: string, more: object) => ({ id, severity: 'high', message: text(id), ...more })
const RULES = {
  version: 1,
  rules: [
    rule('hot', { kind: 'threshold', channel: 'water.temperature', above: 30, source }),
    rule('high', { kind: 'threshold', channel: 'water.level', above: 2, onDelaySeconds: ON_DELAY_MS / 1000, source }),
    rule('silent', { kind: 'no-data', afterSeconds: 3 }),
  ],
}

interface AlertItem {
  readonly rule: string
  readonly device: string
  readonly state: string
}
interface Latest {
  readonly value: number
  readonly ts: string
  readonly receivedAt: string
  readonly flags: readonly string[]
}

/** States of a rule's alerts at a device, newest first. */
async function alertStates(client: ServerClient, wanted: string, device: string): Promise<string[]> {
  const { items } = (await client.get(`/api/v1/alerts?rule=${wanted}&device=${device}`)) as { items: AlertItem[] }
  return items.map(({ state }) => state)
}

/** The newest value moves on with what is sent, and its times are those of the clocks. */
async function expectLatest(client: ServerClient, device: SteadyDevice, serverAheadMs: number, flags: string[]) {
  const latest = async () => {
    const { latest } = (await client.get(`/api/v1/devices/${device.id}`)) as { latest: Record<string, Latest> }
    return latest[COUNTER]
  }
  const sent = device.acknowledged
  await expect.poll(async () => (await latest())?.value ?? -1, POLL).toBeGreaterThan(sent + 2)
  const { ts = '', receivedAt = '', flags: found } = (await latest()) ?? {}
  expect(Math.abs(Date.parse(receivedAt) - (Date.now() + serverAheadMs)), device.id).toBeLessThan(NEAR_MS)
  const eventAheadMs = device.hasClock ? 0 : serverAheadMs
  expect(Math.abs(Date.parse(ts) - (Date.now() + eventAheadMs)), device.id).toBeLessThan(NEAR_MS)
  expect(found, device.id).toEqual(flags)
}

describe.skipIf(isAbsent('faults'))('the clock of the machine', () => {
  test('wakes up in the past, is set right, a day forward and back: order, times, newest values and alerts stay right', async () => {
    const dataDir = tempDir(t)
    const rules = join(tempDir(t), 'rules.json')
    writeFileSync(rules, JSON.stringify(RULES))
    const clock = fakeWallClock(t)
    const start = () => spawnKeng(t, { dataDir, env: { ...clock.env, KENG_RULES: rules } })
    let server = await start()
    let client = createServerClient(server.ready.http, dataDir)
    const issued = await client.register(['clocked', 'bare'].map((id) => ({ id, expectedIntervalSeconds: 1 })))
    const devices = issued.map(({ id, token }) =>
      createSteadyDevice(t, { id, token, counter: COUNTER, hasClock: id === 'clocked', values: NORMAL }),
    )
    const all = (what: (device: SteadyDevice) => Promise<unknown>) => Promise.all(devices.map(what))
    const connect = () => all((device) => device.connect(server.ready.mqtt))
    const set = (values: typeof NORMAL) => {
      for (const device of devices) device.values = values
    }
    const expectStates = (wanted: string, states: string[]) =>
      all((device) => expect.poll(() => alertStates(client, wanted, device.id), POLL).toEqual(states))
    const restart = async () => {
      await all((device) => device.disconnect())
      await server.kill('SIGKILL')
      server = await start()
      client = createServerClient(server.ready.http, dataDir)
      await connect()
    }
    /** One crossing more opens one alert more, and it ends. */
    const heatUp = async (before: string[]) => {
      set({ ...NORMAL, 'water.temperature': 35 })
      await expectStates('hot', ['active', ...before])
      set(NORMAL)
      await expectStates('hot', ['returned', ...before])
    }

    await connect()
    await all((device) => expectLatest(client, device, 0, []))

    // Three days behind, with a log that knows better.
    clock.set(-3 * DAY_MS)
    await restart()
    await all((device) => expectLatest(client, device, 0, []))
    expect(await readMetric(server.ready.http, 'keng_ingest_clock_behind_seconds')).toBeGreaterThan(2.9 * 86_400)
    expect((await readHealth(server.ready.http)).parts.clock?.detail).toContain('behind the newest message')
    await heatUp([])

    clock.set(0)
    await all((device) => expectLatest(client, device, 0, []))
    expect(await readMetric(server.ready.http, 'keng_ingest_clock_behind_seconds')).toBe(0)
    await heatUp(['returned'])

    // A day ahead, in the middle of an on-delay.
    const crossed = performance.now()
    set({ ...NORMAL, 'water.level': 3 })
    await all((device) => expectLatest(client, device, 0, []))
    clock.set(DAY_MS)
    await all(async (device) => {
      await expect.poll(() => alertStates(client, 'high', device.id), POLL).toEqual(['active'])
      expect(performance.now() - crossed, device.id).toBeGreaterThan(ON_DELAY_MS)
    })
    await all((device) => expectLatest(client, device, DAY_MS, device.hasClock ? ['late'] : []))

    set(NORMAL)
    clock.set(0)
    await expectStates('high', ['returned'])
    await all((device) => expectLatest(client, device, 0, []))
    await heatUp(['returned', 'returned'])

    await restart()
    await all((device) => expectLatest(client, device, 0, []))
    await all((device) => device.disconnect())
    expect(await readMetric(server.ready.http, 'keng_ingest_clock_behind_seconds')).toBe(0)

    const { items } = (await client.get('/api/v1/alerts')) as { items: AlertItem[] }
    expect(items.filter((alert) => alert.rule === 'silent')).toEqual([])
    expect(items.filter((alert) => alert.state !== 'returned')).toEqual([])
    await expect.poll(async () => (await client.ledger()).inFlight, POLL).toBe(0)
    for (const { id, acknowledged, hasClock } of devices) {
      const values = await client.values(id, COUNTER, 0, Date.now() + 2 * DAY_MS)
      // By the stamps that it was given, what a device without a clock sent on the wrong day comes last.
      expect(hasClock ? values : values.sort((a, b) => a - b), id).toEqual(
        Array.from({ length: acknowledged }, (_, n) => n),
      )
    }

    await server.kill('SIGTERM')
    const times = await readTimes(`${dataDir}/log`)
    expect(times.length).toBeGreaterThan(100)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    const steps = await readClockSteps(`${dataDir}/log`)
    expect(steps.map((steppedBy) => Math.round(steppedBy / DAY_MS))).toEqual([3, 1, -1])
  })
})
