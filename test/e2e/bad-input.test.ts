/** Payloads that make no sense and topics that are not one's own: each explained, counted, and in nobody's way. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { expectCounted } from '../support/expect-counted.ts'
import type { RawMqtt } from '../support/raw-mqtt.ts'
import { type SharedServer, startSharedServer } from '../support/shared-server.ts'
import { waitUntil } from '../support/wait-until.ts'

const KIB = 1024
const NOT_UTF8 = Buffer.from('{"values":{"water.ph":7},"note":"\xc3("}', 'latin1')
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

const NONSENSE: readonly (readonly [what: string, bytes: Buffer, code: string])[] = [
  ['not JSON', Buffer.from('{"values":{"water.ph":7.2'), 'KENG_DECODE_SYNTAX'],
  ['nothing at all', Buffer.alloc(0), 'KENG_DECODE_SYNTAX'],
  ['wrong UTF-8', NOT_UTF8, 'KENG_DECODE_UTF8'],
  ['1e999', Buffer.from('{"values":{"water.ph":1e999}}'), 'KENG_DECODE_VALUE'],
  ['a __proto__ channel', Buffer.from('{"values":{"__proto__":7.2}}'), 'KENG_DECODE_CHANNEL'],
  ['values in a __proto__', Buffer.from('{"__proto__":{"values":{"water.ph":7}}}'), 'KENG_DECODE_NO_VALUES'],
  ['1,000 levels deep', Buffer.from(nested(1_000)), 'KENG_DECODE_TOO_DEEP'],
  ['100,000 levels deep', Buffer.from(nested(100_000)), 'KENG_DECODE_TOO_DEEP'],
  ['an array of 1,001', Buffer.from(`[${Array(1_001).fill('{"water.ph":7}').join()}]`), 'KENG_DECODE_TOO_MANY_ITEMS'],
]

interface Rejection {
  readonly code: string
  readonly message: string
  readonly payload: string
}

const ends: (() => Promise<void> | void)[] = []
let server: SharedServer

beforeAll(async () => {
  server = await startSharedServer({ onTestFinished: (end) => void ends.push(end) })
  await server.register('ws-1', 'ws-2', 'spy', 'spied-on')
})
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

const listed = async (device: string): Promise<readonly Rejection[]> => {
  const { items } = (await server.client.get(`/api/v1/rejections?device=${device}`)) as { items: readonly Rejection[] }
  return items
}

/** What came on …/rejected. */
const told = (device: RawMqtt): Rejection[] =>
  device.received.flatMap((packet) => (packet.cmd === 'publish' ? [JSON.parse(packet.payload.toString())] : []))

const subscribe = async (device: RawMqtt, topics: readonly string[]): Promise<readonly unknown[]> => {
  device.send({ cmd: 'subscribe', messageId: 7, subscriptions: topics.map((topic) => ({ topic, qos: 1 as const })) })
  const answer = () => device.received.find((packet) => packet.cmd === 'suback')
  return (await waitUntil('SUBSCRIBE is answered', answer)).granted
}

/** A new device that listens to what is refused of it. */
const listener = async (id: string): Promise<RawMqtt> => {
  await server.register(id)
  const device = await server.login(id)
  expect(await subscribe(device, [`keng/v1/${id}/rejected`])).toEqual([1])
  return device
}

/** How GET /api/v1/rejections lists these bytes. */
const asListed = (bytes: Buffer, code: string) => {
  const encoding = code === 'KENG_DECODE_UTF8' ? 'base64' : 'utf-8'
  const payload = bytes.subarray(0, KIB).toString(encoding)
  return { code, payload, payloadEncoding: encoding, payloadBytes: bytes.length }
}

const post = (id: string, body: Buffer | string, token = server.tokenOf(id)): Promise<Response> =>
  fetch(`${server.http}/api/v1/devices/${id}/telemetry`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })

describe.concurrent('telemetry that is', () => {
  test.for(NONSENSE)(
    '%s is acknowledged, answered on …/rejected, listed with its bytes and counted',
    async ([what, bytes, code], { expect }) => {
      const id = `mqtt-${NONSENSE.findIndex(([name]) => name === what)}`
      const device = await listener(id)
      const topic = `keng/v1/${id}/telemetry`
      device.publish(topic, bytes, 0)
      device.publish(topic, bytes, 1, 11)
      device.publish(topic, bytes, 2, 12)
      expect((await post(id, bytes)).status).toBe(202)
      await expect.poll(() => [device.ids('puback'), device.ids('pubrec')]).toEqual([[11], [12]])
      const payload = bytes.subarray(0, KIB).toString()
      const message = expect.stringMatching(/\. \w.+/) // what is wrong, then what to do
      const answer = { code, message, receivedAt: expect.stringMatching(/^\d{4}-.*Z$/), payload }
      await expect.poll(() => told(device)).toEqual(Array(4).fill(answer))
      // It is not cut off for it, and what makes sense is taken after it.
      device.publish(topic, '{"values":{"water.ph":7}}', 1, 13)
      await expect.poll(() => device.ids('puback')).toEqual([11, 13])
      const counts = { received: 5, stored: 1, partial: 0, duplicate: 0, rejected: 4, inFlight: 0 }
      await expect.poll(() => server.client.ledger(`?device=${id}`)).toEqual(counts)
      expect(await listed(id)).toMatchObject(Array(4).fill(asListed(bytes, code)))
    },
  )

  test('of an unknown channel is stored and flagged, and not refused', async ({ expect }) => {
    const device = await listener('unknown-channel')
    const ts = Date.now()
    device.publish('keng/v1/unknown-channel/telemetry', JSON.stringify({ ts, values: { 'my.gauge': 3 } }), 1, 2)
    const points = () => server.client.points(`device=unknown-channel&channel=my.gauge&from=${ts}&to=${ts + 1}`)
    await expect.poll(points).toEqual([[new Date(ts).toISOString(), 3, ['unknown-channel']]])
    expect([await listed('unknown-channel'), told(device)]).toEqual([[], []])
  })

  test('an array partly nonsense is judged item by item, each with its own bytes', async ({ expect }) => {
    const device = await listener('mixed-array')
    const bad = '{"values":{"water.ph":"7,2"}}'
    device.publish('keng/v1/mixed-array/telemetry', `[{"values":{"water.ph":7}},${bad}]`, 1, 2)
    await expect.poll(() => told(device)).toMatchObject([{ code: 'KENG_DECODE_VALUE', payload: bad }])
    const counts = { received: 2, stored: 1, rejected: 1, inFlight: 0 }
    await expect.poll(() => server.client.ledger('?device=mixed-array')).toMatchObject(counts)
  })

  test('as large and as wrong as may be, 40 times, is taken like any other', async ({ expect }) => {
    const device = await listener('large-nonsense')
    const values = Array.from({ length: 20 }, (_, index) => `"water.ph${index}":"x"`).join()
    const bytes = Buffer.from(`{"values":{${values}},"pad":"${'x'.repeat(250 * KIB)}"}`)
    for (let id = 1; id <= 40; id++) device.publish('keng/v1/large-nonsense/telemetry', bytes, 1, id)
    await expect.poll(() => device.ids('puback')).toHaveLength(40)
    const counts = { received: 40, rejected: 40, inFlight: 0 }
    await expect.poll(() => server.client.ledger('?device=large-nonsense')).toMatchObject(counts)
    expect((await fetch(`${server.http}/readyz`)).status).toBe(200)
  })

  test('too large for HTTP, for a device nobody knows, or without its token gets 413, 404 and 401', async ({
    expect,
  }) => {
    await server.register('http-refused')
    const answers = [
      await post('http-refused', 'x'.repeat(256 * KIB + 1)),
      await post('http-nobody', '{}', server.adminToken),
      await post('http-refused', '{}', 'wrong'),
    ]
    const problems = await Promise.all(answers.map((answer) => answer.json() as Promise<{ code: string }>))
    expect(answers.map(({ status }, at) => [status, problems[at]?.code])).toEqual([
      [413, 'KENG_HTTP_TOO_LARGE'],
      [404, 'KENG_REGISTRY_UNKNOWN'],
      [401, 'KENG_HTTP_LOGIN_REQUIRED'],
    ])
    expect(await server.client.ledger('?device=http-refused')).toMatchObject({ received: 0 })
  })
})

describe('a topic that is not the device’s own', () => {
  test.for([
    ['another device’s telemetry', 'keng/v1/ws-2/telemetry'],
    ['its own …/rejected', 'keng/v1/ws-1/rejected'],
    ['$SYS', '$SYS/keng/heartbeat'],
    ['a topic of 65,000 levels', '/'.repeat(65_000)],
    ['65,000 levels below its own', `keng/v1/ws-1/telemetry${'/'.repeat(65_000)}`],
    ['a wildcard', 'keng/v1/ws-1/#'],
  ] as const)('publish to %s cuts the connection, and is counted', async ([name, topic]) => {
    for (const qos of [0, 1, 2] as const) {
      await expectCounted(server.http, 'publish', async () => {
        const device = await server.login('ws-1', { clientId: name })
        device.publish(topic, '{"values":{"water.ph":7}}', qos, 1)
        await expect.poll(() => device.closed).toBe(true)
        expect([...device.ids('puback'), ...device.ids('pubrec')]).toEqual([])
      })
    }
    expect(await server.client.ledger('?device=ws-2')).toMatchObject({ received: 0 })
    expect(server.keng.stdout()).toContain('KENG_INGEST_REFUSED')
  })

  test('a subscription gets 0x80, beside one that is granted, and the connection stays', async () => {
    const device = await server.login('ws-1', { clientId: 'reader' })
    const foreign = ['#', '$SYS/#', '+/v1/ws-1/rejected', 'keng/v1/+/rejected', 'keng/v1/ws-2/rejected']
    const filters = [...foreign, 'keng/v1/ws-1/#', '/'.repeat(65_000), `keng/v1/ws-1/rejected${'/+'.repeat(20_000)}`]
    await expectCounted(server.http, 'subscribe', async () => {
      const granted = await subscribe(device, ['keng/v1/ws-1/rejected', ...filters])
      expect(granted).toEqual([1, ...filters.map(() => 0x80)])
    })
    expect(device.closed).toBe(false)
  })

  test('40,000 filters in one packet are refused one by one, and fill no log', async () => {
    const device = await server.login('ws-1', { clientId: 'many' })
    const lines = () => server.keng.stdout().split('KENG_INGEST_REFUSED').length
    const before = lines()
    const filters = Array.from({ length: 40_000 }, (_, index) => index.toString(36))
    expect(await subscribe(device, filters)).toEqual(filters.map(() => 0x80))
    expect(lines() - before).toBeLessThan(100)
  })

  test('a subscription that was refused does not come back with the session', async () => {
    const session = { clientId: 's', clean: false }
    const spy = await server.login('spy', session)
    const topics = ['keng/v1/spy/rejected', 'keng/v1/spied-on/rejected', '#']
    expect(await subscribe(spy, topics)).toEqual([1, 0x80, 0x80])
    spy.destroy()
    for (const [order, id] of ['spied-on', 'spy'].entries()) {
      const device = await server.login(id, { clientId: 'publisher' })
      device.publish(`keng/v1/${id}/telemetry`, `nonsense of ${id}`, 1, order + 1)
      await expect.poll(() => server.client.ledger(`?device=${id}`)).toMatchObject({ rejected: 1, inFlight: 0 })
    }
    const back = await server.login('spy', session)
    await expect.poll(() => told(back).map(({ payload }) => payload)).toEqual(['nonsense of spy'])
  })
})

test('somebody else who publishes all the while is acknowledged in good time and loses nothing', async () => {
  await server.bystander.expectUndisturbed(server.client)
})
