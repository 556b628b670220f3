/** The ten statements of Eclipse Paho's MQTT 3.1.1 interoperability suite (client_test.py), in our own words, against the open broker. */

import net from 'node:net'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenBroker, startOpenBroker } from '../../../services/ingest/open-broker.ts'

let broker: OpenBroker
const clients: MqttClient[] = []

beforeAll(async () => {
  broker = await startOpenBroker(0)
})
afterAll(async () => {
  for (const client of clients) client.end(true)
  await broker.close()
})

interface Received {
  readonly topic: string
  readonly text: string
  readonly qos: number
}

const connect = async (options: IClientOptions): Promise<{ client: MqttClient; received: Received[] }> => {
  const client = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0, ...options })
  clients.push(client)
  const received: Received[] = []
  client.on('message', (topic, payload, { qos }) => received.push({ topic, text: payload.toString(), qos }))
  await new Promise<void>((resolve, reject) => client.once('connect', () => resolve()).once('error', reject))
  return { client, received }
}

/** Sends bytes and resolves with all that came back when the broker closes the connection. */
const exchange = (bytes: Buffer): Promise<Buffer> =>
  new Promise((resolve) => {
    const answer: Buffer[] = []
    const socket = net.connect(broker.port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (data) => answer.push(data))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(answer)))
  })

const CONNECT = Buffer.from([0x10, 16, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, 4, ...Buffer.from('twix')])

test('1 basic: messages of QoS 0, 1 and 2 arrive', async () => {
  const { client, received } = await connect({ clientId: 'basic' })
  await client.subscribeAsync('basic/a', { qos: 2 })
  for (const qos of [0, 1, 2] as const) await client.publishAsync('basic/a', `qos ${qos}`, { qos })
  await expect.poll(() => received.map(({ text }) => text)).toEqual(['qos 0', 'qos 1', 'qos 2'])
})

test('1 basic: a second CONNECT on a connection closes it', async () => {
  const answer = await exchange(Buffer.concat([CONNECT, CONNECT]))
  expect(answer.length).toBeLessThanOrEqual(4)
})

test('1 basic: another protocol name closes the connection', async () => {
  const wrong = Buffer.from([0x10, 12, 0, 2, ...Buffer.from('hj'), 4, 2, 0, 60, 0, 2, ...Buffer.from('xx')])
  expect((await exchange(wrong)).length).toBe(0)
})

test('2 retained: kept for new subscribers, cleared by an empty payload', async () => {
  const { client } = await connect({ clientId: 'retainer' })
  for (const qos of [0, 1, 2] as const) await client.publishAsync(`kept/${qos}`, 'r', { qos, retain: true })
  const first = await connect({ clientId: 'late-1' })
  await first.client.subscribeAsync('kept/+', { qos: 2 })
  await expect.poll(() => first.received.length).toBe(3)
  for (const qos of [0, 1, 2] as const) await client.publishAsync(`kept/${qos}`, '', { qos, retain: true })
  const second = await connect({ clientId: 'late-2' })
  await second.client.subscribeAsync(['kept/+', 'kept-after'], { qos: 2 })
  await client.publishAsync('kept-after', 'last', { qos: 1 })
  await expect.poll(() => second.received.map(({ topic }) => topic)).toEqual(['kept-after'])
})

test('3 offline queueing: a session that comes back gets what it missed', async () => {
  const session = { clientId: 'away', clean: false }
  const first = await connect(session)
  await first.client.subscribeAsync('missed/#', { qos: 2 })
  await first.client.endAsync()
  const { client } = await connect({ clientId: 'sender' })
  for (const qos of [1, 2] as const) await client.publishAsync(`missed/${qos}`, 'm', { qos })
  const second = await connect(session)
  await expect.poll(() => second.received.map(({ topic }) => topic).sort()).toEqual(['missed/1', 'missed/2'])
})

test('4 will: sent when a client goes without DISCONNECT', async () => {
  const { client, received } = await connect({ clientId: 'watcher' })
  await client.subscribeAsync('will/a', { qos: 2 })
  const dying = await connect({
    clientId: 'dying',
    will: { topic: 'will/a', payload: Buffer.from('gone'), qos: 0, retain: false },
  })
  dying.client.stream.destroy()
  await expect.poll(() => received.map(({ text }) => text)).toEqual(['gone'])
})

test('5 overlapping subscriptions: one message with the highest QoS, or one for each', async () => {
  const { client, received } = await connect({ clientId: 'overlap' })
  await client.subscribeAsync({ 'over/#': { qos: 2 }, 'over/+': { qos: 1 } })
  await client.publishAsync('over/c', 'x', { qos: 2 })
  await expect.poll(() => received.length).toBeGreaterThan(0)
  const levels = received.map(({ qos }) => qos).sort()
  expect([[2], [1, 2]]).toContainEqual(levels)
})

test('6 keepalive: silence for one and a half times ends the connection and sends the will', async () => {
  const { client, received } = await connect({ clientId: 'keeper' })
  await client.subscribeAsync('silent/will', { qos: 0 })
  const will = Buffer.from([0, 11, ...Buffer.from('silent/will'), 0, 6, ...Buffer.from('silent')])
  const body = Buffer.concat([
    Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, 6, 0, 1, 0, 4, ...Buffer.from('mute')]),
    will,
  ])
  const started = Date.now()
  await exchange(Buffer.concat([Buffer.from([0x10, body.length]), body]))
  expect(Date.now() - started).toBeGreaterThan(1_400)
  await expect.poll(() => received.length).toBe(1)
}, 10_000)

test('7 redelivery: what was not acknowledged comes again on reconnect', async () => {
  const subscribe = Buffer.from([0x82, 10, 0, 1, 0, 5, ...Buffer.from('again'), 1])
  const session = Buffer.from([0x10, 17, 0, 4, ...Buffer.from('MQTT'), 4, 0, 0, 60, 0, 5, ...Buffer.from('redel')])
  const publishes: number[] = []
  const open = (): Promise<net.Socket> =>
    new Promise((resolve) => {
      const socket = net.connect(broker.port, '127.0.0.1', () => socket.write(session))
      socket.once('data', () => resolve(socket))
      socket.on('data', (data) => {
        for (let at = 0; at + 1 < data.length; at += 2 + (data[at + 1] ?? 0))
          if ((data[at] ?? 0) >> 4 === 3) publishes.push(at)
      })
    })
  const first = await open()
  first.write(subscribe)
  const { client } = await connect({ clientId: 'redel-sender' })
  await expect
    .poll(async () => {
      await client.publishAsync('again', 'x', { qos: 1 })
      return publishes.length
    })
    .toBeGreaterThan(0)
  first.destroy()
  publishes.length = 0
  const second = await open()
  await expect.poll(() => publishes.length).toBeGreaterThan(0)
  second.destroy()
})

test('8 empty client id: refused with 0x02 without clean session, accepted with it', async () => {
  const empty = (flags: number) => Buffer.from([0x10, 12, 0, 4, ...Buffer.from('MQTT'), 4, flags, 0, 60, 0, 0])
  expect([...(await exchange(empty(0)))]).toEqual([0x20, 2, 0, 2])
  const answer = await exchange(Buffer.concat([empty(2), Buffer.from([0xe0, 0])]))
  expect([...answer]).toEqual([0x20, 2, 0, 0])
})

test('9 subscribe failure: a filter that is not allowed is answered 0x80', async () => {
  const { client } = await connect({ clientId: 'refused' })
  const refused = await client.subscribeAsync('nosubscribe', { qos: 2 }).then(
    () => 'granted',
    (error: Error) => error.message,
  )
  expect(refused).toMatch(/unspecified error/i)
})

test('10 $ topics: a filter that begins with a wildcard does not match them', async () => {
  const { client, received } = await connect({ clientId: 'dollar' })
  await client.subscribeAsync(['#', 'after-dollar'], { qos: 1 })
  received.length = 0
  await client.publishAsync('$private/a', 'x', { qos: 1 })
  await client.publishAsync('after-dollar', 'x', { qos: 1 })
  await expect.poll(() => received.filter(({ topic }) => topic === 'after-dollar').length).toBeGreaterThan(0)
  expect(received.filter(({ topic }) => topic.startsWith('$'))).toEqual([])
})
