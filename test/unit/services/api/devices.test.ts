import { expect, test } from 'vitest'

import { createTestApi, NOW, type TestApi } from '../../../support/api/create-test-api.ts'

const register = ({ ask }: TestApi, payload: object) => ask({ method: 'POST', url: '/api/v1/devices', payload })

test('a device is registered, its token shown once, and its cell the default one', async (t) => {
  const api = createTestApi(t)
  const made = await register(api, { id: 'ws-01', name: 'Cầu Ông Thìn', channels: { ph: 'water.ph' } })
  expect(made.statusCode).toBe(201)
  expect(made.json()).toEqual({ items: [{ id: 'ws-01', token: 'token-of-ws-01' }] })
  const shown = await api.ask({ url: '/api/v1/devices/ws-01' })
  expect(shown.json()).toEqual({
    id: 'ws-01',
    name: 'Cầu Ông Thìn',
    cell: 'default',
    channels: { ph: 'water.ph' },
    latest: {},
    health: { state: 'unknown', lastReceivedAt: null },
  })
})

test('of several devices all are registered or none', async (t) => {
  const api = createTestApi(t)
  await register(api, { id: 'b' })
  const clash = await register(api, [{ id: 'a' }, { id: 'b' }])
  expect(clash.statusCode).toBe(409)
  expect(clash.json()).toMatchObject({ code: 'KENG_REGISTRY_EXISTS' })
  expect(api.registry.list().map(({ id }) => id)).toEqual(['b'])
  expect((await register(api, [{ id: 'a' }, { id: 'c', gateway: 'a' }])).statusCode).toBe(201)
})

test('every fault of a registration is named with its place', async (t) => {
  const api = createTestApi(t)
  const schema = await register(api, [{ id: 'a', latitude: 91 }, { id: 'Ä', surprise: 1 }, { name: 'x' }])
  expect(schema.statusCode).toBe(422)
  const { errors } = schema.json<{ errors: { path: string }[] }>()
  expect(errors.map(({ path }) => path).sort()).toEqual([
    '/body/0/latitude',
    '/body/1/id',
    '/body/1/surprise',
    '/body/2/id',
  ])

  const meaning = await register(api, [
    { id: 'a', gateway: 'nobody' },
    { id: 'a', timeZone: 'Asia/Saigon2' },
    { id: 'c', gateway: 'c' },
  ])
  expect(meaning.statusCode).toBe(422)
  expect(meaning.json<{ errors: { path: string }[] }>().errors.map(({ path }) => path)).toEqual([
    '/body/0/gateway',
    '/body/1/id',
    '/body/1/timeZone',
    '/body/2/gateway',
  ])
  expect(api.registry.list()).toEqual([])
})

test('values keep their type: a text is no number', async (t) => {
  const response = await register(createTestApi(t), { id: 'a', latitude: '10.5' })
  expect(response.json()).toMatchObject({ status: 422, errors: [{ path: '/body/latitude' }] })
})

test('the list goes through all devices by cursor, in order of id, each once', async (t) => {
  const api = createTestApi(t)
  const ids = Array.from({ length: 25 }, (_, index) => `d-${String(index).padStart(2, '0')}`)
  await register(
    api,
    ids.map((id) => ({ id })),
  )
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const url = `/api/v1/devices?limit=7${cursor && `&cursor=${cursor}`}`
    const page: { items: { id: string }[]; next: string | null } = (await api.ask({ url })).json()
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.next
    // A device that goes away between two pages must not move the others.
    if (seen.length === 7) await api.registry.remove('d-06')
  }
  expect(seen).toEqual(ids)
})

test('latest values carry their unit, and a bool is true or false', async (t) => {
  const api = createTestApi(t)
  await register(api, { id: 'v', expectedIntervalSeconds: 60 })
  const value = { ts: NOW - 30_000, receivedAt: NOW - 29_000, flags: ['revised'] as const }
  api.pipeline.latestOf.set('v', [
    { channel: 'irrigation.valve', value: 1, ...value },
    { channel: 'my.own', value: 3, ...value },
    { channel: '__proto__', value: 4, ...value },
  ])
  const { latest, health } = (await api.ask({ url: '/api/v1/devices/v' })).json<{ latest: object; health: object }>()
  expect(Object.entries(latest)).toEqual([
    [
      'irrigation.valve',
      {
        value: true,
        unit: 'bool',
        ts: '2026-11-22T04:59:30.000Z',
        receivedAt: '2026-11-22T04:59:31.000Z',
        flags: ['revised'],
      },
    ],
    ['my.own', expect.objectContaining({ value: 3, unit: null })],
    ['__proto__', expect.objectContaining({ value: 4, unit: null })],
  ])
  expect(health).toEqual({ state: 'reporting', lastReceivedAt: '2026-11-22T04:59:31.000Z' })
})

test.for([
  [{ expectedIntervalSeconds: 60 }, 119_000, 'reporting'],
  [{ expectedIntervalSeconds: 60 }, 121_000, 'silent'],
  [{ expectedIntervalSeconds: 600 }, 1_199_000, 'reporting'],
  [{ lateAfterSeconds: 10 }, 11_000, 'silent'],
  [{}, 121_000, 'unknown'],
  [{}, 60_000, 'reporting'],
] as const)('with %o and nothing for %i ms a device is %s', async ([fields, age, state], t) => {
  const api = createTestApi(t)
  await register(api, { id: 'd', ...fields })
  api.pipeline.latestOf.set('d', [{ channel: 'water.ph', value: 7, ts: NOW - age, receivedAt: NOW - age, flags: [] }])
  expect((await api.ask({ url: '/api/v1/devices/d' })).json()).toMatchObject({ health: { state } })
})

test('a device is changed field by field', async (t) => {
  const api = createTestApi(t)
  await register(api, { id: 'd', name: 'old', area: '27595' })
  const patch = (payload: object) => api.ask({ method: 'PATCH', url: '/api/v1/devices/d', payload })
  expect((await patch({ name: 'new' })).json()).toMatchObject({ id: 'd', name: 'new', area: '27595' })
  expect((await patch({})).statusCode).toBe(422)
  expect((await patch({ id: 'e' })).json()).toMatchObject({ status: 422, errors: [{ path: '/body/id' }] })
  expect((await patch({ gateway: 'd' })).statusCode).toBe(422)
  expect((await api.ask({ method: 'PATCH', url: '/api/v1/devices/none', payload: { name: 'x' } })).statusCode).toBe(404)
})

test('a device is taken out of the registry once', async (t) => {
  const api = createTestApi(t)
  await register(api, { id: 'd' })
  const remove = () => api.ask({ method: 'DELETE', url: '/api/v1/devices/d' })
  expect((await remove()).statusCode).toBe(204)
  expect((await remove()).json()).toMatchObject({ status: 404, code: 'KENG_REGISTRY_UNKNOWN' })
  expect((await api.ask({ url: '/api/v1/devices/d' })).statusCode).toBe(404)
})

test('a device gets a new token, and its old one is refused', async (t) => {
  const api = createTestApi(t)
  await register(api, { id: 'd' })
  const rotate = (id: string) => api.ask({ method: 'POST', url: `/api/v1/devices/${id}/token` })
  const answer = await rotate('d')
  expect([answer.statusCode, answer.json()]).toEqual([201, { id: 'd', token: 'next-token-of-d' }])
  expect(api.registry.verify('d', 'token-of-d')).toBe(false)
  expect((await rotate('none')).json()).toMatchObject({ status: 404, code: 'KENG_REGISTRY_UNKNOWN' })
})

test('an id in an address that no device can have is simply not there', async (t) => {
  const api = createTestApi(t)
  for (const id of ['..%2f..%2fetc', '%00', 'A', '__proto__', 'x'.repeat(300)]) {
    expect((await api.ask({ url: `/api/v1/devices/${id}` })).statusCode).toBe(404)
  }
})
