import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'

import type { Point } from '../../../../libs/ports/reading-store.ts'
import { createTestApi, NOW } from '../../../support/api/create-test-api.ts'

const QUESTION = '/api/v1/readings?device=d&channel=water.ph'
const DAY_MS = 86_400_000

interface Answer {
  readonly unit: string | null
  readonly points: readonly (readonly [string, number | boolean, string[]])[]
  readonly next: string | null
}

const points = (count: number, start = NOW - DAY_MS, step = 1000): Point[] =>
  Array.from({ length: count }, (_, index) => [
    start + index * step,
    index / 8,
    index % 5 === 0 ? ['late', 'spike'] : [],
  ])

test('readings come as time, value and flags, with the unit of the channel', async (t) => {
  const { ask, pipeline } = createTestApi(t)
  pipeline.points = [
    [NOW - 2000, 7.25, []],
    [NOW - 1000, -0.5, ['late', 'simulated']],
  ]
  const response = await ask({ url: QUESTION })
  expect(response.headers['content-type']).toContain('application/json')
  expect(response.json()).toEqual({
    device: 'd',
    channel: 'water.ph',
    unit: 'pH',
    points: [
      ['2026-11-22T04:59:58.000Z', 7.25, []],
      ['2026-11-22T04:59:59.000Z', -0.5, ['late', 'simulated']],
    ],
    next: null,
  })
})

test('without a range the last day is meant', async (t) => {
  const { ask, pipeline } = createTestApi(t)
  pipeline.points = points(1)
  await ask({ url: QUESTION })
  expect(pipeline.asked).toEqual({
    device: 'd',
    channel: 'water.ph',
    from: NOW - DAY_MS,
    to: NOW,
    flagged: 'leave-out',
    limit: 100_001,
  })
})

test.for([
  ['2026-11-22', '2026-11-21T17:00:00.000Z'],
  ['2026-11-22T08:00', '2026-11-22T01:00:00.000Z'],
  ['2026-11-22T08:00:00Z', '2026-11-22T08:00:00.000Z'],
  ['2026-11-22T08:00:00.5%2B0930', '2026-11-21T22:30:00.500Z'],
  ['2026-11-22T08:00:00+07:00', '2026-11-22T01:00:00.000Z'],
  ['1760000000000', '2025-10-09T08:53:20.000Z'],
] as const)('from=%s is %s', async ([from, meant], t) => {
  const { ask, pipeline } = createTestApi(t)
  pipeline.points = points(1)
  await ask({ url: `${QUESTION}&from=${from}&to=2026-12-31` })
  expect(pipeline.asked).toMatchObject({ from: Date.parse(meant) })
})

test.for([
  ['from=yesterday', '/query/from'],
  ['from=2026-02-30', '/query/from'],
  ['from=2026-11-22T25:00', '/query/from'],
  ['from=2026-11-23&to=2026-11-22', '/query/to'],
  ['every=5', '/query/every'],
  ['every=0m', '/query/every'],
  ['every=7m', '/query/every'],
  ['every=367d', '/query/every'],
  ['every=1h&fn=median', '/query/fn'],
  ['fn=min', '/query/fn'],
  ['flagged=yes', '/query/flagged'],
  ['limit=0', '/query/limit'],
  ['limit=100001', '/query/limit'],
  ['limit=1e3x', '/query/limit'],
  ['cursor=nonsense', '/query/cursor'],
  ['cursor=WyJhIl0', '/query/cursor'],
  ['chanel=water.ph', '/query/chanel'],
  ['device=e', '/query/device'],
])('%s is understood but wrong, and %s is named', async ([query, path], t) => {
  const { ask } = createTestApi(t)
  const response = await ask({ url: `${QUESTION}&${query}` })
  expect(response.statusCode).toBe(422)
  expect(response.json<{ errors: object[] }>().errors).toContainEqual(expect.objectContaining({ path }))
})

test.for([
  ['every=30s', { milliseconds: 30_000, fn: 'mean' }],
  ['every=5m&fn=max', { milliseconds: 300_000, fn: 'max' }],
  ['every=1h&fn=last', { milliseconds: 3_600_000, fn: 'last' }],
  ['every=7d&fn=count', { milliseconds: 7 * DAY_MS, fn: 'count' }],
] as const)('%s asks for buckets of %o', async ([query, every], t) => {
  const { ask, pipeline } = createTestApi(t)
  pipeline.points = points(1)
  const { unit } = (await ask({ url: `${QUESTION}&${query}&flagged=include` })).json<Answer>()
  expect(pipeline.asked).toMatchObject({ every, flagged: 'include' })
  expect(unit).toBe(every.fn === 'count' ? '1' : 'pH')
})

test('a bool is true or false, and how often it was is a number', async (t) => {
  const { ask, pipeline } = createTestApi(t)
  pipeline.points = [
    [NOW - 2000, 1, []],
    [NOW - 1000, 0, []],
  ]
  const url = '/api/v1/readings?device=d&channel=irrigation.valve'
  expect((await ask({ url })).json<Answer>().points.map(([, value]) => value)).toEqual([true, false])
  expect((await ask({ url: `${url}&every=1h&fn=count` })).json<Answer>().points.map(([, value]) => value)).toEqual([
    1, 0,
  ])
})

test('pages put together are all readings, each once', async (t) => {
  const { ask, pipeline } = createTestApi(t)
  // Every second one half a millisecond after the one before it, which ends a page.
  pipeline.points = points(1001).map(([ts, ...rest], at) => [at % 2 === 1 || at === 0 ? ts : ts - 999.5, ...rest])
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: Answer = (await ask({ url: `${QUESTION}&limit=100${cursor && `&cursor=${cursor}`}` })).json()
    seen.push(...page.points.map(([time]) => time))
    cursor = page.next
  }
  expect(seen).toEqual(pipeline.points.map(([ts]) => new Date(ts).toISOString()))
})

test('a full last page has no next', async (t) => {
  const { ask, pipeline } = createTestApi(t)
  pipeline.points = points(100)
  const page = (await ask({ url: `${QUESTION}&limit=100` })).json<Answer>()
  expect([page.points.length, page.next]).toEqual([100, null])
})

test('a device that is unknown and left no readings is not found; one that was taken out keeps its history', async (t) => {
  const { ask, pipeline, registry } = createTestApi(t)
  expect((await ask({ url: QUESTION })).statusCode).toBe(404)
  pipeline.points = points(1)
  expect((await ask({ url: QUESTION })).statusCode).toBe(200)
  pipeline.points = []
  await registry.create([{ id: 'd', cell: 'default' }])
  expect((await ask({ url: QUESTION })).json()).toMatchObject({ points: [], next: null })
})

test('100,000 readings are written without keeping others waiting', { timeout: 10_000 }, async (t) => {
  const { ask, pipeline } = createTestApi(t)
  pipeline.points = points(100_000, NOW - DAY_MS, 100)
  await ask({ url: `${QUESTION}&limit=2000` })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const { body } = await ask({ url: QUESTION })
  delay.disable()
  const answer = JSON.parse(body) as Answer
  expect(answer.points).toHaveLength(100_000)
  expect(answer.points[99_999]).toEqual([new Date(NOW - DAY_MS + 9_999_900).toISOString(), 12_499.875, []])
  // Written in one go it would be well over 100 ms; the bound leaves room for a busy machine.
  expect(delay.percentile(95) / 1e6).toBeLessThan(40)
})
