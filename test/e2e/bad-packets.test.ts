/** Packets that are too large, and the sessions and states of one device: each bound holds, and nobody else notices. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { RawMqtt } from '../support/raw-mqtt.ts'
import { residentBytes } from '../support/read-metric.ts'
import { type SharedServer, startSharedServer } from '../support/shared-server.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** The most that a fixed header can announce [MQTT 2.2.3]. */
const LONGEST = Buffer.from([0xff, 0xff, 0xff, 0x7f])

const ends: (() => Promise<void> | void)[] = []
let server: SharedServer

beforeAll(async () => {
  server = await startSharedServer({ onTestFinished: (end) => void ends.push(end) })
  await server.register('huge', 'big-1', 'big-2', 'ws-2', 'twice', 'willing')
})
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

const expectClosed = (connection: RawMqtt) => expect.poll(() => connection.closed).toBe(true)

const GOOD = '{"values":{"water.ph":7}}'

describe('a packet', () => {
  test('that announces 256 MiB is cut at its header, before and after CONNECT, and costs no memory', async () => {
    const before = await residentBytes(server.http)
    const chunk = Buffer.alloc(256 * KIB, 0x20)
    for (const first of [0x10, 0x30, 0x32, 0x34, 0x82]) {
      for (const connection of [await server.open(), await server.login('huge')]) {
        connection.sendBytes(Buffer.concat([Buffer.from([first]), LONGEST]))
        for (let sent = 0; sent < 16 * MIB; sent += chunk.length) connection.sendBytes(chunk)
        await expectClosed(connection)
      }
    }
    expect((await residentBytes(server.http)) - before).toBeLessThan(64 * MIB)
  })

  test.for([
    [1, 'puback', 'big-1'],
    [2, 'pubrec', 'big-2'],
  ] as const)(
    'of 300 KiB and QoS %i is cut twice, and the third time read, dropped, kept by its head and acknowledged',
    async ([qos, answer, id]) => {
      const topic = `keng/v1/${id}/telemetry`
      const payload = `{"pad":"${'x'.repeat(300 * KIB)}"}`
      for (let time = 1; time <= 2; time++) {
        const device = await server.login(id)
        device.publish(topic, payload, qos, 9)
        await expectClosed(device)
        expect(device.ids(answer)).toEqual([])
      }
      const device = await server.login(id)
      device.publish(topic, payload, qos, 9)
      device.publish(topic, GOOD, 1, 10)
      await expect.poll(() => [device.ids(answer).includes(9), device.ids('puback').includes(10)]).toEqual([true, true])
      if (qos === 2) {
        device.send({ cmd: 'pubrel', messageId: 9 })
        await expect.poll(() => device.ids('pubcomp')).toEqual([9])
      }
      const counts = { received: 2, stored: 1, rejected: 1, inFlight: 0 }
      await expect.poll(() => server.client.ledger(`?device=${id}`)).toMatchObject(counts)
      const { items } = (await server.client.get(`/api/v1/rejections?device=${id}`)) as { items: { payload: string }[] }
      expect(items).toMatchObject([{ code: 'KENG_INGEST_TOO_LARGE', message: expect.stringContaining('256 KiB') }])
      expect(items[0]?.payload.startsWith('{"pad":"xxx')).toBe(true)
    },
  )
})

describe('a device', () => {
  test('may have two client ids at once, and the same client id again ends the older connection', async () => {
    const [a, b] = [await server.login('twice', { clientId: 'a' }), await server.login('twice', { clientId: 'b' })]
    for (const connection of [a, b]) connection.publish('keng/v1/twice/telemetry', GOOD, 1, 1)
    await expect.poll(() => [a.ids('puback'), b.ids('puback')]).toEqual([[1], [1]])
    await server.login('ws-2', { clientId: 'a' })
    expect(a.closed, 'another device may not take a session by its client id').toBe(false)
    const again = await server.login('twice', { clientId: 'a' })
    await expectClosed(a)
    expect([b.closed, again.closed]).toEqual([false, false])
  })

  test('keeps its status retained, and its will sets it when it goes without a word', async () => {
    const topic = 'keng/v1/willing/status'
    const will = { topic, payload: '{"online":false}', retain: true }
    const device = await server.login('willing', { will })
    device.send({ cmd: 'publish', topic, payload: '{"online":true}', qos: 1, retain: true, dup: false, messageId: 1 })
    await expect.poll(() => device.ids('puback')).toEqual([1])
    let readers = 0
    const status = async (): Promise<string> => {
      const reader = await server.login('willing', { clientId: `reader-${readers++}` })
      reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] })
      const kept = () => reader.received.flatMap((packet) => (packet.cmd === 'publish' ? [packet] : []))[0]
      await expect.poll(kept).toMatchObject({ retain: true })
      reader.destroy()
      return kept()?.payload.toString() ?? ''
    }
    expect(await status()).toBe('{"online":true}')
    device.destroy()
    await expect.poll(status).toBe('{"online":false}')
    expect(await server.client.ledger('?device=willing')).toMatchObject({ received: 0 })
  })
})

test('somebody else who publishes all the while is acknowledged in good time and loses nothing', async () => {
  await server.bystander.expectUndisturbed(server.client)
})
