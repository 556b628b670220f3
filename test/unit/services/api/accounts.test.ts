import { expect, test } from 'vitest'

import type { Rejection } from '../../../../libs/core/rejection.ts'
import { createTestApi, NOW } from '../../../support/api/create-test-api.ts'

const rejection = (id: string, payload: Uint8Array): Rejection => ({
  id,
  device: 'ws-01',
  topic: 'keng/v1/ws-01/telemetry',
  code: 'KENG_DECODE_SYNTAX',
  message: 'x',
  receivedAt: NOW,
  payload,
})

test('the ledger answers its six counts', async (t) => {
  const { ask } = createTestApi(t)
  expect((await ask({ url: '/api/v1/ledger?device=ws-01&from=2026-11-22' })).json()).toEqual({
    received: 9,
    stored: 5,
    partial: 1,
    duplicate: 1,
    rejected: 1,
    inFlight: 1,
  })
})

test('a refused payload is shown as text where it is text, else in base64, and only its head', async (t) => {
  const { ask, pipeline } = createTestApi(t)
  const long = Buffer.from(`${'x'.repeat(1023)}ộ${'x'.repeat(500)}`)
  pipeline.rejected = [
    rejection('0-3-0', Buffer.from('{"ts":')),
    rejection('0-2-0', Buffer.from([0xff, 1])),
    rejection('0-1-0', long),
  ]
  const { items } = (await ask({ url: '/api/v1/rejections' })).json<{ items: object[] }>()
  expect(items).toEqual([
    expect.objectContaining({
      id: '0-3-0',
      payload: '{"ts":',
      payloadEncoding: 'utf-8',
      payloadBytes: 6,
      receivedAt: '2026-11-22T05:00:00.000Z',
    }),
    expect.objectContaining({ payload: '/wE=', payloadEncoding: 'base64', payloadBytes: 2 }),
    expect.objectContaining({ payload: 'x'.repeat(1023), payloadEncoding: 'utf-8', payloadBytes: long.length }),
  ])
})

test('rejections are paged behind the last id, with the filters kept', async (t) => {
  const { ask, pipeline } = createTestApi(t)
  pipeline.rejected = Array.from({ length: 5 }, (_, index) => rejection(`0-${5 - index}-0`, Buffer.alloc(0)))
  const url = '/api/v1/rejections?limit=2&device=ws-01&code=KENG_DECODE_SYNTAX'
  const first = (await ask({ url })).json<{ items: { id: string }[]; next: string }>()
  const second = (await ask({ url: `${url}&cursor=${first.next}` })).json<{ items: { id: string }[]; next: string }>()
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['0-5-0', '0-4-0', '0-3-0', '0-2-0'])
  expect(pipeline.asked).toMatchObject({ device: 'ws-01', code: 'KENG_DECODE_SYNTAX', after: '0-4-0', limit: 3 })
  const third = (await ask({ url: `${url}&cursor=${second.next}` })).json<{ items: object[]; next: null }>()
  expect([third.items.length, third.next]).toEqual([1, null])
})

test.for(['cursor=x', 'code=DROP%20TABLE', 'from=x', 'device=a&device=b', 'devise=a'])(
  '%s is refused with its place',
  async (query, t) => {
    const { ask } = createTestApi(t)
    const response = await ask({ url: `/api/v1/rejections?${query}` })
    expect(response.statusCode).toBe(422)
    expect(response.json<{ errors: { path: string }[] }>().errors[0]?.path).toBe(`/query/${query.split('=')[0]}`)
  },
)
