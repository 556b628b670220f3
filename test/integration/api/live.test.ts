import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'

import { AlertAnswer } from '../../../services/api/schemas/alert-schema.ts'
import { Device } from '../../../services/api/schemas/device-schema.ts'
import { LiveReadingData } from '../../../services/api/schemas/telemetry-schema.ts'
import { opened } from '../../support/api/alert-transitions.ts'
import { createTestApi } from '../../support/api/create-test-api.ts'
import { openSse, type SseEvent } from '../../support/api/sse-client.ts'
import { named, numbers, reading, ready, startTestApi, values } from '../../support/api/start-test-api.ts'

test('a new stream is told to load the lists, and then what happens, shaped as in the lists', async (t) => {
  const { open, live, ask, transitions, registry } = await startTestApi(t)
  await registry.create([{ id: 'ws-01', cell: 'default', area: '27595' }])
  const client = open()
  await ready(client)
  expect(client.status()).toBe(200)
  expect(client.header('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(client.header('cache-control')).toBe('no-store')
  expect(client.header('x-content-type-options')).toBe('nosniff')
  expect(client.events[0]).toMatchObject({ event: 'reset', data: { reason: 'new' } })

  live.send(reading(7.25, { flags: ['late'] }))
  await transitions(opened('a'))
  await ask({ method: 'PATCH', url: '/api/v1/devices/ws-01', payload: { name: 'Cống Bà Tư' } })
  await ask({ method: 'DELETE', url: '/api/v1/devices/ws-01' })
  await expect
    .poll(() => client.events.map(({ event }) => event))
    .toEqual(['reset', 'reading', 'alert', 'device', 'device'])
  const [, read, alert, changed, gone] = client.events.map(({ data }) => data)
  expect(read).toEqual({
    device: 'ws-01',
    channel: 'water.ph',
    unit: 'pH',
    receivedAt: '2026-11-22T05:00:00.007Z',
    points: [['2026-11-22T05:00:00.007Z', 7.25, ['late']]],
  })
  expect(Compile(LiveReadingData).Check(read)).toBe(true)
  expect(Compile(AlertAnswer).Check(alert)).toBe(true)
  expect(alert).toMatchObject({ id: 'a', area: '27595', state: 'active' })
  expect(Compile(Device).Check(changed)).toBe(true)
  expect(changed).toMatchObject({ id: 'ws-01', name: 'Cống Bà Tư' })
  expect(gone).toEqual({ id: 'ws-01', deleted: true })
})

test('alerts that were in the log at the start are no news', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('old'))
  const { port } = await api.api.start()
  const client = openSse(t, { port })
  await ready(client)
  await api.transitions(opened('new'))
  await expect.poll(() => named(client, 'alert').map(({ data }) => (data as { id: string }).id)).toEqual(['new'])
})

test.for([
  ['?types=alert', ['alert:a', 'alert:b']],
  ['?types=reading&device=ws-02', ['reading:ws-02']],
  ['?device=ws-02', ['reading:ws-02', 'alert:b']],
  ['?area=27595', ['reading:ws-01', 'alert:a']],
  ['?area=27595,27598&types=reading,alert', ['reading:ws-01', 'reading:ws-02', 'alert:a', 'alert:b']],
] as const)('%s gets %o', async ([query, expected], t) => {
  const { open, live, transitions, registry } = await startTestApi(t)
  await registry.create([
    { id: 'ws-01', cell: 'default', area: '27595' },
    { id: 'ws-02', cell: 'default', area: '27598' },
  ])
  const everything = open()
  const client = open({ query })
  await ready(everything)
  await ready(client)
  live.send(reading(1), reading(2, { device: 'ws-02' }), reading(3, { device: 'stray' }))
  await transitions(opened('a'), opened('b', { device: 'ws-02' }))
  await expect.poll(() => everything.events.length).toBe(6)
  const told = ({ event, data }: SseEvent): string =>
    `${event}:${event === 'alert' ? (data as { id: string }).id : (data as { device: string }).device}`
  await expect.poll(() => client.events.slice(1).map(told)).toEqual(expected)
})

test.for([
  ['?types=readings', 422],
  ['?typ=alert', 422],
] as const)('%s is answered %i', async ([query, status], t) => {
  const { open } = await startTestApi(t)
  const client = open({ query })
  await expect.poll(() => client.status()).toBe(status)
})

test('a client that was cut anywhere goes on with no gap and nothing twice', async (t) => {
  const { open, live, transitions } = await startTestApi(t)
  const witness = open()
  await ready(witness)
  const seen: SseEvent[] = []
  let lastEventId: string | undefined
  let sent = 0
  for (let round = 0; round < 12; round++) {
    const client = open(lastEventId === undefined ? {} : { lastEventId })
    await expect.poll(() => client.status()).toBe(200)
    const target = sent + 20
    for (; sent < target; sent++) {
      live.send(reading(sent))
      if (sent % 7 === 0) await transitions(opened(`a-${sent}`))
      // Somewhere in the middle of what is being written.
      if (sent === target - 20 + round) client.close()
    }
    await expect.poll(() => client.isClosed() || client.events.length > 0).toBe(true)
    client.close()
    seen.push(...client.events)
    lastEventId = seen.at(-1)?.id ?? lastEventId
  }
  const last = open(lastEventId === undefined ? {} : { lastEventId })
  const finish = () => [...seen, ...last.events]
  await expect.poll(() => finish().at(-1)?.id).toBe(witness.events.at(-1)?.id)
  const ids = finish().map(({ id }) => id)
  expect(ids.length).toBeGreaterThan(200)
  expect(new Set(ids).size).toBe(ids.length)
  const first = finish().findIndex(({ event }) => event !== 'reset')
  const expected = witness.events.map(({ id }) => id)
  expect(ids.slice(first)).toEqual(expected.slice(expected.indexOf(ids[first] ?? '')))
  expect(finish().filter(({ event }) => event === 'reset')).toHaveLength(1)
})

test('an id that is too old, of another process, or made up means loading the lists again', async (t) => {
  const { open, live } = await startTestApi(t, { readingsKept: 10 })
  const witness = open()
  await ready(witness)
  live.send(...numbers(0, 5).map((n) => reading(n)))
  await expect.poll(() => values(witness).length).toBe(5)
  const old = witness.events[1]?.id ?? ''
  live.send(...numbers(5, 15).map((n) => reading(n)))
  await expect.poll(() => values(witness).length).toBe(15)

  const reasonOf = async (lastEventId: string): Promise<unknown> => {
    const client = open({ lastEventId })
    await ready(client)
    expect(client.events[0]?.event).toBe('reset')
    return client.events[0]?.data
  }
  expect(await reasonOf(old)).toEqual({ reason: 'too-old' })
  expect(await reasonOf(old.replace(/^.{12}/, '0123456789ab').replace(/\d+$/, '1'))).toEqual({ reason: 'restarted' })
  expect(await reasonOf(`${old}000000`)).toEqual({ reason: 'unknown-id' })
  expect(await reasonOf('nonsense')).toEqual({ reason: 'unknown-id' })

  const recent = witness.events[5]?.id ?? ''
  const resumed = open({ lastEventId: recent })
  await expect.poll(() => values(resumed)).toEqual(numbers(5, 15))
})
