/** Connections that never become a device's: closed in time with the right answer, counted, and in nobody's way. */

import net from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { connectBytes } from '../support/connect-bytes.ts'
import { expectCounted } from '../support/expect-counted.ts'
import type { RawMqtt } from '../support/raw-mqtt.ts'
import { readMetric, residentBytes } from '../support/read-metric.ts'
import { type SharedServer, startSharedServer } from '../support/shared-server.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** As many as never send anything at one time. */
const SILENT = 5_000

const ends: (() => Promise<void> | void)[] = []
let server: SharedServer

beforeAll(async () => {
  const t = { onTestFinished: (end: () => Promise<void> | void) => void ends.push(end) }
  server = await startSharedServer(t, { KENG_MQTT_CONNECT_TIMEOUT_SECONDS: '1' })
  await server.register('ws-1', 'ws-2', 'eager')
})
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

const counted = (reason: string, run: () => Promise<void>) => expectCounted(server.http, reason, run)
const expectClosed = (connection: RawMqtt) => expect.poll(() => connection.closed).toBe(true)
const connack = ({ received }: RawMqtt) => received.find(({ cmd }) => cmd === 'connack')
const credentials = () => ({ username: 'ws-1', password: server.tokenOf('ws-1') })

describe('CONNECT', () => {
  test('half of it and silence, silence alone, or a byte at a time is closed when the time is over', async () => {
    const whole = connectBytes({ clientId: 'slow', ...credentials() })
    const [half, silent, drip] = [await server.open(), await server.open(), await server.open()]
    half.sendBytes(whole.subarray(0, whole.length / 2))
    let sent = 0
    const timer = setInterval(() => drip.sendBytes(whole.subarray(sent, ++sent)), 50)
    onTestFinished(() => clearInterval(timer))
    await counted('timeout', async () => {
      for (const connection of [half, silent, drip]) await expectClosed(connection)
    })
    expect(sent).toBeLessThan(whole.length)
    for (const { received } of [half, silent, drip]) expect(received).toEqual([])
  })

  test('without a client id is taken with a clean session, and refused with code 2 without', async () => {
    const [clean, kept] = [await server.open(), await server.open()]
    clean.sendBytes(connectBytes({ clientId: '', clean: true, ...credentials() }))
    kept.sendBytes(connectBytes({ clientId: '', clean: false, ...credentials() }))
    await expect.poll(() => connack(clean)).toMatchObject({ returnCode: 0 })
    await expect.poll(() => connack(kept)).toMatchObject({ returnCode: 2 })
    await expectClosed(kept)
    expect(clean.closed).toBe(false)
  })

  test('of MQTT 5 is answered with code 1 and closed', async () => {
    const device = await server.open()
    await counted('protocol', async () => {
      device.sendBytes(connectBytes({ clientId: 'five', level: 5, ...credentials() }))
      await expectClosed(device)
    })
    expect(connack(device)).toMatchObject({ returnCode: 1 })
  })

  test.for([
    ['a wrong password', 'ws-1', 'wrong'],
    ['an unknown device', 'nobody', 'x'],
    ['the name of a property of all objects', '__proto__', 'x'],
    ['no user name', undefined, undefined],
  ] as const)('with %s is answered with code 4 and closed', async ([, username, password]) => {
    const device = await server.open()
    await counted('login', async () => {
      device.sendBytes(connectBytes({ clientId: 'c', username, password }))
      await expectClosed(device)
    })
    expect(connack(device)).toMatchObject({ returnCode: 4 })
  })

  test.for(['keng/v1/ws-2/status', 'keng/v1/ws-1/rejected', 'keng/v1/ws-1/#', '#'])(
    'with a will on %s, where the device may not publish, is answered with code 5 and closed',
    async (topic) => {
      await counted('will', async () => {
        const device = await server.login('ws-1', { will: { topic, payload: '{"online":false}', retain: true } })
        expect(connack(device)).toMatchObject({ returnCode: 5 })
        await expectClosed(device)
      })
    },
  )

  test.for([1, 10])('of more than 4 KiB is cut, sent in %i pieces', async (pieces) => {
    const bytes = connectBytes({ clientId: 'x'.repeat(5 * KIB), ...credentials() })
    const device = await server.open()
    await counted('too-large', async () => {
      for (let piece = 0; piece < pieces; piece++) {
        device.sendBytes(bytes.subarray((bytes.length * piece) / pieces, (bytes.length * (piece + 1)) / pieces))
      }
      await expectClosed(device)
    })
    expect(connack(device)).toBeUndefined()
  })

  test.for([
    ['something else than CONNECT', Buffer.from([0x30, 3, 0, 1, 0x61])],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nhost: keng\r\n\r\n')],
    ['a length without end', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ] as const)('that is %s is cut without an answer', async ([, bytes]) => {
    const stranger = await server.open()
    stranger.sendBytes(bytes)
    await expectClosed(stranger)
    expect(stranger.received).toEqual([])
  })

  test('may be followed at once by more messages than a queue would hold: all are acknowledged in order', async () => {
    const device = await server.open()
    device.sendBytes(connectBytes({ clientId: 'e', username: 'eager', password: server.tokenOf('eager') }))
    const large = JSON.stringify({ values: { 'water.ph': 7 }, pad: 'x'.repeat(6 * KIB) })
    for (let id = 1; id <= 200; id++) device.publish('keng/v1/eager/telemetry', large, id % 2 === 0 ? 1 : 2, id)
    const odd = Array.from({ length: 100 }, (_, index) => index * 2 + 1)
    await expect.poll(() => device.ids('pubrec')).toEqual(odd)
    await expect.poll(() => device.ids('puback')).toEqual(odd.map((id) => id + 1))
  })
})

/** Opens so many connections that send nothing; how many the server has closed. */
async function openSilent(port: number, count: number): Promise<{ readonly closed: number }> {
  const seen = { closed: 0 }
  const sockets: net.Socket[] = []
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  while (sockets.length < count) {
    // In waves that the system's queue of connections holds, or some would be open on this side only.
    const wave = Array.from({ length: Math.min(250, count - sockets.length) }, () => {
      const socket = net.connect(port, '127.0.0.1').resume()
      socket.on('error', () => {}) // counted by 'close'
      socket.on('close', () => seen.closed++)
      return socket
    })
    sockets.push(...wave)
    await expect.poll(() => wave.some(({ connecting }) => connecting)).toBe(false)
  }
  return seen
}

test(`${SILENT} connections that never send anything are closed in time, and cost little memory`, async () => {
  const before = await residentBytes(server.http)
  const seen = await openSilent(server.mqttPort, SILENT)
  await expect.poll(() => seen.closed).toBe(SILENT)
  expect((await residentBytes(server.http)) - before).toBeLessThan(200 * MIB)
  const device = await server.login('ws-1')
  expect(connack(device)).toMatchObject({ returnCode: 0 })
})

test('somebody else who publishes all the while is acknowledged in good time and loses nothing', async () => {
  await server.bystander.expectUndisturbed(server.client)
})

test('with KENG_MQTT_MAX_CONNECTIONS the rest is closed as it opens, and who is connected stays', async (t) => {
  const small = await startSharedServer(t, {
    KENG_MQTT_MAX_CONNECTIONS: '20',
    KENG_MQTT_CONNECT_TIMEOUT_SECONDS: '1',
  })
  const seen = await openSilent(small.mqttPort, 100)
  await expect.poll(() => seen.closed).toBeGreaterThanOrEqual(81)
  expect(await readMetric(small.http, 'keng_ingest_connections_refused_total')).toBeGreaterThanOrEqual(81)
  await expect.poll(() => seen.closed).toBe(100)
  await small.register('ws-1')
  expect(connack(await small.login('ws-1'))).toMatchObject({ returnCode: 0 })
  await small.bystander.expectUndisturbed(small.client)
})
