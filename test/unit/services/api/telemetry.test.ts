import { expect, test } from 'vitest'

import { KengError } from '../../../../libs/core/errors.ts'
import { createTestApi } from '../../../support/api/create-test-api.ts'

const URL = '/api/v1/devices/ws-01/telemetry'
const MAX = 256 * 1024

const withDevice = async (
  t: Parameters<typeof createTestApi>[0],
  ...changes: Parameters<typeof createTestApi> extends [unknown, ...infer Rest] ? Rest : never
) => {
  const api = createTestApi(t, ...changes)
  await api.registry.create([
    { id: 'gw', cell: 'default' },
    { id: 'ws-01', cell: 'default', gateway: 'gw' },
    { id: 'ws-02', cell: 'default' },
  ])
  return api
}

test.for(['application/json', 'text/plain', 'application/octet-stream', undefined])(
  'the bytes of a body of type %s go to the log as they came',
  async (type, t) => {
    const { ask, accepted } = await withDevice(t)
    const payload = Buffer.from([0x7b, 0xff, 0x00, 0x7d])
    const headers = type === undefined ? {} : { 'content-type': type }
    const response = await ask({ method: 'POST', url: URL, payload, headers })
    expect(response.statusCode).toBe(202)
    expect(response.body).toBe('')
    expect(accepted).toEqual([{ device: 'ws-01', payload }])
  },
)

test('nonsense is taken too: decode judges it, and the ledger counts it', async (t) => {
  const { ask, accepted } = await withDevice(t)
  for (const payload of ['', '{"__proto__":1}', '['.repeat(100_000)]) {
    expect((await ask({ method: 'POST', url: URL, payload })).statusCode).toBe(202)
  }
  expect(accepted).toHaveLength(3)
})

test('a body of 256 KiB is taken, and one of a byte more is not', async (t) => {
  const { ask, accepted } = await withDevice(t)
  expect((await ask({ method: 'POST', url: URL, payload: Buffer.alloc(MAX) })).statusCode).toBe(202)
  const tooLarge = await ask({ method: 'POST', url: URL, payload: Buffer.alloc(MAX + 1) })
  expect(tooLarge.statusCode).toBe(413)
  expect(tooLarge.json()).toMatchObject({ code: 'KENG_HTTP_TOO_LARGE' })
  expect(accepted).toHaveLength(1)
})

test('a device that is not registered is not found', async (t) => {
  const { ask } = await withDevice(t)
  const response = await ask({ method: 'POST', url: '/api/v1/devices/none/telemetry', payload: '{}' })
  expect(response.json()).toMatchObject({ status: 404, code: 'KENG_REGISTRY_UNKNOWN' })
})

test('what the log cannot make durable is answered 503 and worth another try', async (t) => {
  const accept = () => Promise.reject(new KengError('KENG_LOG_FULL', 'no space'))
  const { ask } = await withDevice(t, {}, { intake: { accept } })
  const response = await ask({ method: 'POST', url: URL, payload: '{}' })
  expect(response.statusCode).toBe(503)
  expect(response.headers['retry-after']).toBe('2')
  expect(response.json()).toMatchObject({ code: 'KENG_LOG_FULL' })
})

test('what is not durable after half a minute is answered 503, and what ends before it is not', async (t) => {
  const ends: (() => void)[] = []
  const { ask, clock } = await withDevice(t, {}, { intake: { accept: () => new Promise((end) => ends.push(end)) } })
  const slow = ask({ method: 'POST', url: URL, payload: '{}' })
  const late = ask({ method: 'POST', url: URL, payload: '{}' })
  await expect.poll(() => ends.length).toBe(2)
  clock.advance(29_000)
  ends[0]?.()
  expect((await slow).statusCode).toBe(202)
  clock.advance(1_000)
  expect((await late).json()).toMatchObject({ status: 503, code: 'KENG_LOG_UNAVAILABLE' })
})

test('a device posts for itself, its gateway for it, and nobody else', async (t) => {
  const { askBare, accepted } = await withDevice(t)
  const post = async (token: string) =>
    (await askBare({ method: 'POST', url: URL, payload: '{}', headers: { authorization: `Bearer ${token}` } }))
      .statusCode
  expect(await post('token-of-ws-01')).toBe(202)
  expect(await post('token-of-gw')).toBe(202)
  expect(await post('token-of-ws-02')).toBe(401)
  expect(accepted).toHaveLength(2)
})

test('bodies that wait for the disk are bounded in all, and what is refused is said to be', async (t) => {
  const waiting: (() => void)[] = []
  const accept = () => new Promise<void>((resolve) => waiting.push(resolve))
  const { ask, meters } = await withDevice(t, {}, { intake: { accept } })
  const post = () => ask({ method: 'POST', url: URL, payload: Buffer.alloc(MAX) })
  const held = Array.from({ length: 128 }, post)
  await expect.poll(() => waiting.length).toBe(128)
  expect((await post()).json()).toMatchObject({ status: 503, code: 'KENG_HTTP_BUSY' })
  expect(await meters.text()).toContain(`keng_api_telemetry_in_flight_bytes ${128 * MAX}`)
  for (const end of waiting.splice(0)) end()
  for (const response of await Promise.all(held)) expect(response.statusCode).toBe(202)
  const next = post()
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.()
  expect((await next).statusCode).toBe(202)
})
