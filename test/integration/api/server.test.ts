import { connect } from 'node:net'
import { expect, test } from 'vitest'

import { AS_ADMIN, createTestApi } from '../../support/api/create-test-api.ts'
import { freePort } from '../../support/free-port.ts'

test('a port that another program has is named with its setting', async (t) => {
  const port = await freePort()
  await createTestApi(t, { port }).api.start()
  await expect(createTestApi(t, { port }).api.start()).rejects.toMatchObject({
    code: 'KENG_CONFIG_PORT_IN_USE',
    message: expect.stringContaining(`127.0.0.1:${port} (KENG_HTTP_PORT)`),
  })
})

test('the link of the start opens the address that was taken', async (t) => {
  const { api } = createTestApi(t)
  const { port } = await api.start()
  expect(api.enterLink()).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/#enter=[\\w-]{22}$`))
})

test('telemetry that comes in pieces is taken whole, and one that never ends is cut at 256 KiB', async (t) => {
  const { api, registry, accepted } = createTestApi(t)
  await registry.create([{ id: 'ws-01', cell: 'default' }])
  const { port } = await api.start()
  const url = `http://127.0.0.1:${port}/api/v1/devices/ws-01/telemetry`
  const post = async (pieces: number): Promise<number> => {
    let left = pieces
    const body = new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(Buffer.alloc(1024, 'x'))
        else controller.close()
      },
    })
    // `duplex` is not in the types of Node 20.
    const response = await fetch(url, { method: 'POST', headers: AS_ADMIN, body, duplex: 'half' } as RequestInit)
    return response.status
  }
  expect(await post(200)).toBe(202)
  expect(accepted.map(({ payload }) => payload.length)).toEqual([200 * 1024])
  // The server answers and closes while the client still writes: it sees either.
  expect(await post(100_000).catch(() => 413)).toBe(413)
  expect(accepted).toHaveLength(1)
})

test('what is no HTTP is answered 400 and closed', async (t) => {
  const { api } = createTestApi(t)
  const { port } = await api.start()
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('close', () => resolve(text))
    socket.on('error', () => undefined)
    socket.write('\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00\r\n\r\n')
  })
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request/)
})

test('stopping answers what is under way and does not wait for a connection that asks nothing', async (t) => {
  let finish = (): void => undefined
  const accept = () => new Promise<void>((resolve) => (finish = resolve))
  const { api, registry, clock } = createTestApi(t, {}, { intake: { accept } })
  await registry.create([{ id: 'ws-01', cell: 'default' }])
  const { port } = await api.start()
  const silent = connect(port, '127.0.0.1')
  await new Promise((resolve) => silent.once('connect', resolve))
  silent.resume()
  const url = `http://127.0.0.1:${port}/api/v1/devices/ws-01/telemetry`
  const answer = fetch(url, { method: 'POST', headers: AS_ADMIN, body: '{}' })
  await expect.poll(() => finish.length === 1).toBe(true)
  const stopped = api.stop()
  finish()
  const { status, headers } = await answer
  expect([status, headers.get('connection')]).toEqual([202, 'close'])
  const silentIsClosed = new Promise((resolve) => silent.once('close', resolve))
  clock.advance(2000)
  await stopped
  await silentIsClosed
})
