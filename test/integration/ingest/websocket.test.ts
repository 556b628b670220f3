import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import mqtt from 'mqtt'
import { expect, type TestContext, test } from 'vitest'
import { WebSocket } from 'ws'

import { decodeRaw } from '../../../libs/core/log/raw-record.ts'
import { createMqttWebSocket } from '../../../services/ingest/mqtt-websocket.ts'
import { createManualLog } from '../../support/manual-log.ts'
import { startIngest, tokenOf, waitFor } from '../../support/start-ingest.ts'

async function listen(t: TestContext) {
  const log = createManualLog()
  const { service } = await startIngest(log)
  const webSocket = createMqttWebSocket((connection) => service.handle(connection))
  const server = createServer().listen(0, '127.0.0.1').on('upgrade', webSocket.upgrade)
  await once(server, 'listening')
  t.onTestFinished(() => {
    webSocket.close()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { log, service, webSocket, address: `127.0.0.1:${port}` }
}

function connect(t: TestContext, address: string, password = tokenOf('ws-1')) {
  const options = { username: 'ws-1', password, reconnectPeriod: 0, protocolVersion: 4 } as const
  const client = mqtt.connect(`ws://${address}/mqtt`, options)
  client.on('error', () => {})
  t.onTestFinished(() => void client.end(true))
  return client
}

/** What mqtt.js emits with the event; its emitter is not one that `once` of node:events knows. */
const next = (client: mqtt.MqttClient, event: 'connect' | 'close' | 'error') =>
  new Promise<unknown>((resolve) => client.once(event, resolve))

test('a device publishes over WebSocket and is acknowledged when the log has it', async (t) => {
  const { log, address } = await listen(t)
  const client = connect(t, address)
  await next(client, 'connect')
  let acknowledged = false
  client.publish('keng/v1/ws-1/telemetry', '{"values":{"water.ph":7}}', { qos: 1 }, () => {
    acknowledged = true
  })
  await waitFor(() => log.held.length === 1)
  expect(acknowledged).toBe(false)
  log.end()
  await waitFor(() => acknowledged)
  const messages = log.stored.map(decodeRaw).filter(({ kind }) => kind === 'message')
  expect(messages).toMatchObject([{ publisher: 'ws-1', topic: 'keng/v1/ws-1/telemetry' }])
})

test('a wrong token is refused over WebSocket too', async (t) => {
  const { address } = await listen(t)
  const client = connect(t, address, 'wrong')
  expect(await next(client, 'error')).toMatchObject({ code: 4 })
})

test.for([
  ['/elsewhere', 'mqtt', 404],
  ['/mqtt', 'chat', 400],
] as const)('an upgrade of %s to %s is answered %i', async ([path, protocol, status], t) => {
  const { address } = await listen(t)
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'a2VuZy1rZW5nLWtlbmcta2U=',
    'sec-websocket-protocol': protocol,
  }
  const asked = request(`http://${address}${path}`, { headers }).end()
  const [response] = (await once(asked, 'response')) as [{ statusCode: number }]
  expect(response.statusCode).toBe(status)
})

async function openBare(t: TestContext, address: string) {
  const socket = new WebSocket(`ws://${address}/mqtt`, 'mqtt')
  socket.on('error', () => {})
  t.onTestFinished(() => socket.terminate())
  return socket
}

test('a text frame closes the connection', async (t) => {
  const { address } = await listen(t)
  const socket = await openBare(t, address)
  await once(socket, 'open')
  socket.send('CONNECT')
  expect((await once(socket, 'close'))[0]).toBe(1003)
})

test('a frame larger than any packet closes the connection before it is read', async (t) => {
  const { address } = await listen(t)
  const socket = await openBare(t, address)
  await once(socket, 'open')
  socket.send(Buffer.alloc(300 * 1024))
  expect((await once(socket, 'close'))[0]).toBe(1009)
})

test('those who have not logged in cannot take all places, and give them back', async (t) => {
  const { address } = await listen(t)
  const sockets = await Promise.all(Array.from({ length: 64 }, () => openBare(t, address)))
  await Promise.all(sockets.map((socket) => once(socket, 'open')))
  const late = await openBare(t, address)
  const [, response] = (await once(late, 'unexpected-response')) as [unknown, { statusCode: number }]
  expect(response.statusCode).toBe(503)
  for (const socket of sockets) socket.terminate()
  await expect
    .poll(async () => {
      const client = connect(t, address)
      return Promise.race([next(client, 'connect').then(() => 'in'), next(client, 'close').then(() => 'out')])
    })
    .toBe('in')
})

test('closing cuts the connections', async (t) => {
  const { address, webSocket } = await listen(t)
  const client = connect(t, address)
  await next(client, 'connect')
  webSocket.close()
  webSocket.close()
  await next(client, 'close')
  expect(client.connected).toBe(false)
})
