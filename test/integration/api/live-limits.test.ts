import { expect, test } from 'vitest'

import { opened, returned } from '../../support/api/alert-transitions.ts'
import { createTestApi } from '../../support/api/create-test-api.ts'
import { named, numbers, reading, ready, startTestApi, values } from '../../support/api/start-test-api.ts'

test('readings that pass by do not push alerts out of what can be resumed', async (t) => {
  const { open, live, transitions } = await startTestApi(t, { readingsKept: 10 })
  const flood = open({ query: '?types=reading' })
  const client = open({ query: '?types=alert' })
  await ready(flood)
  await ready(client)
  await transitions(opened('a'))
  await expect.poll(() => client.events.length).toBe(2)
  client.close()
  live.send(...numbers(0, 1000).map((n) => reading(n)))
  await transitions(returned('a'))
  const back = open({ query: '?types=alert', lastEventId: client.events[1]?.id ?? '' })
  await expect
    .poll(() => back.events.map(({ event, data }) => [event, (data as { state: string }).state]))
    .toEqual([['alert', 'returned']])
})

test('a slow reader is cut, the others lose nothing, and it goes on where it was', async (t) => {
  const { open, live, meters, ask } = await startTestApi(t, { maxBehind: 5000, readingsKept: 200_000 })
  const fast = open({ query: '?types=reading' })
  const slow = open({ query: '?types=reading' })
  await ready(fast)
  await ready(slow)
  live.send(...numbers(0, 100).map((n) => reading(n)))
  await expect.poll(() => values(slow).length).toBe(100)
  slow.pause()

  let sent = 100
  const isCut = async (): Promise<boolean> =>
    (await meters.text()).includes('keng_api_live_ends_total{reason="behind"} 1')
  while (!(await isCut()) && sent < 190_000) {
    live.send(...numbers(sent, sent + 500).map((n) => reading(n)))
    sent += 500
    await expect.poll(() => values(fast).length).toBe(sent)
  }
  expect(sent).toBeLessThan(190_000)
  expect(values(fast)).toEqual(numbers(0, sent))
  expect((await ask({ url: '/metrics' })).body).toContain('keng_api_live_clients 1')

  slow.resume()
  await expect.poll(() => slow.isClosed()).toBe(true)
  const back = open({ query: '?types=reading', lastEventId: slow.events.at(-1)?.id ?? '' })
  const seen = values(slow)
  await expect.poll(() => seen.length + values(back).length, { timeout: 10_000 }).toBe(sent)
  expect([...seen, ...values(back)]).toEqual(numbers(0, sent))
  expect(named(back, 'reset')).toEqual([])
})

test('a reader that takes nothing at all for half a minute is cut', async (t) => {
  const { open, live, clock, meters } = await startTestApi(t, { maxBehind: 10_000_000, readingsKept: 1_000_000 })
  const client = open({ query: '?types=reading' })
  await ready(client)
  client.pause()
  // More than the kernel's buffers of both ends hold.
  for (let sent = 0; sent < 100_000; sent += 1000) live.send(...numbers(sent, sent + 1000).map((n) => reading(n)))
  clock.advance(15_000)
  expect(await meters.text()).toContain('keng_api_live_clients 1')
  clock.advance(30_000)
  expect(await meters.text()).toContain('keng_api_live_ends_total{reason="stalled"} 1')
})

test('a comment every 15 seconds keeps a quiet stream open', async (t) => {
  const { open, clock } = await startTestApi(t)
  const client = open()
  await ready(client)
  clock.advance(15_000)
  await expect.poll(() => client.comments.length).toBe(1)
  clock.advance(30_000)
  await expect.poll(() => client.comments.length).toBe(3)
})

test('readings are taken only while somebody wants them, and a minute longer', async (t) => {
  const { open, live, clock } = await startTestApi(t)
  const alerts = open({ query: '?types=alert' })
  await ready(alerts)
  expect(live.listeners()).toBe(0)
  const client = open()
  await ready(client)
  expect(live.listeners()).toBe(1)
  live.send(reading(1))
  await expect.poll(() => values(client)).toEqual([1])
  const lastEventId = client.events.at(-1)?.id ?? ''
  client.close()
  live.send(reading(2))

  const soon = open({ lastEventId })
  await expect.poll(() => values(soon)).toEqual([2])
  soon.close()
  await expect
    .poll(() => {
      clock.advance(60_000)
      return live.listeners()
    })
    .toBe(0)
  const late = open({ lastEventId })
  await ready(late)
  expect(late.events[0]).toMatchObject({ event: 'reset', data: { reason: 'too-old' } })
})

test('one stream too many is told to come back', async (t) => {
  const { open } = await startTestApi(t, { maxClients: 2 })
  const [first, second] = [open(), open()]
  await ready(first)
  await ready(second)
  const third = open()
  await expect.poll(() => third.status()).toBe(503)
  expect(third.header('retry-after')).toBe('2')
  first.close()
  await expect
    .poll(async () => {
      const again = open()
      await expect.poll(() => again.status()).not.toBe(0)
      return again.status()
    })
    .toBe(200)
})

test('a stream ends with its session', async (t) => {
  const { open, logIn, askBare, clock } = await startTestApi(t)
  const headers = { cookie: await logIn() }
  const loggedOut = open({ headers })
  const expired = open({ headers: { cookie: await logIn() } })
  const withToken = open()
  for (const client of [loggedOut, expired, withToken]) await ready(client)
  await askBare({ method: 'DELETE', url: '/api/v1/session', headers: { ...headers, origin: 'http://127.0.0.1' } })
  await expect.poll(() => loggedOut.isClosed()).toBe(true)
  expect(expired.isClosed()).toBe(false)
  clock.advance(7 * 86_400_000)
  await expect.poll(() => expired.isClosed()).toBe(true)
  expect(withToken.isClosed()).toBe(false)
})

test('stopping ends all streams, and the port is free', async (t) => {
  const { open, api, port } = await startTestApi(t)
  const client = open()
  await ready(client)
  await api.stop()
  await api.stop()
  await expect.poll(() => client.isClosed()).toBe(true)
  const next = createTestApi(t, { port })
  expect(await next.api.start()).toEqual({ port })
})

test('an alert is on the stream within milliseconds of its record', async (t) => {
  const { open, transitions } = await startTestApi(t)
  const client = open({ query: '?types=alert' })
  await ready(client)
  const delays: number[] = []
  for (let n = 0; n < 200; n++) {
    const from = performance.now()
    await transitions(opened(`a-${n}`))
    while (client.events.length < n + 2) await new Promise(setImmediate)
    delays.push(performance.now() - from)
  }
  delays.sort((a, b) => a - b)
  // Measured 0.3 ms; the bound leaves room for a machine that does other things too.
  expect(delays[100]).toBeLessThan(5)
})
