import { expect, test } from 'vitest'

import type { Alert } from '../../../../libs/core/alarm/alert.ts'
import { KengError } from '../../../../libs/core/errors.ts'
import { opened, returned } from '../../../support/api/alert-transitions.ts'
import { createTestApi, NOW, type TestApi } from '../../../support/api/create-test-api.ts'

interface Page {
  readonly items: { readonly id: string; readonly state: Alert['state'] }[]
  readonly next: string | null
}

const list = async ({ ask }: TestApi, query = ''): Promise<Page> =>
  (await ask({ url: `/api/v1/alerts${query}` })).json()
const ids = (page: Page): string[] => page.items.map(({ id }) => id)
const act = ({ ask }: TestApi, id: string, verb: string, payload?: object) =>
  ask({ method: 'POST', url: `/api/v1/alerts/${id}/${verb}`, ...(payload && { payload }) })

test('an alert has all the properties of the contract', async (t) => {
  const api = createTestApi(t)
  await api.registry.create([{ id: 'ws-01', cell: 'default', area: '27595' }])
  await api.transitions(opened('a'))
  expect((await api.ask({ url: '/api/v1/alerts/a' })).json()).toEqual({
    id: 'a',
    rule: 'water-ph-low',
    subject: 'ws-01/water.ph',
    device: 'ws-01',
    area: '27595',
    cell: 'default',
    severity: 'high',
    state: 'active',
    acknowledged: null,
    hidden: null,
    stale: false,
    retrospective: false,
    simulated: false,
    openedAt: '2026-11-22T05:00:00.000Z',
    returnedAt: null,
    closedAt: null,
    message: { vi: 'Nước chua', en: 'The water is sour' },
    evidence: [
      {
        device: 'ws-01',
        channel: 'water.ph',
        unit: 'pH',
        ts: '2026-11-22T05:00:00.000Z',
        value: 4.9,
        receivedAt: '2026-11-22T05:00:00.040Z',
        flags: [],
      },
    ],
    history: [{ type: 'opened', at: '2026-11-22T05:00:00.000Z', by: null, comment: null, endedBy: null }],
  })
})

test('what was in the log before the start is there when the first request is answered', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('a'), returned('a'), opened('b', { at: NOW + 1 }))
  expect((await list(api)).items.map(({ id, state }) => [id, state])).toEqual([
    ['b', 'active'],
    ['a', 'returned'],
  ])
})

test('alerts are found by state, area, rule, device and time of opening', async (t) => {
  const api = createTestApi(t)
  await api.registry.create([{ id: 'ws-02', cell: 'default', area: '27598' }])
  await api.transitions(
    opened('a', { at: NOW - 3000 }),
    opened('b', { at: NOW - 2000, device: 'ws-02' }),
    opened('c', { at: NOW - 1000, rule: 'silent' }),
    returned('c'),
    opened('d', { at: NOW, severity: 'low' }),
    returned('d'),
  )
  expect(ids(await list(api))).toEqual(['d', 'c', 'b', 'a'])
  expect(ids(await list(api, '?state=active'))).toEqual(['b', 'a'])
  expect(ids(await list(api, '?state=active,returned'))).toEqual(['c', 'b', 'a'])
  expect(ids(await list(api, '?state=closed'))).toEqual(['d'])
  expect(ids(await list(api, '?area=27598'))).toEqual(['b'])
  expect(ids(await list(api, '?rule=silent'))).toEqual(['c'])
  expect(ids(await list(api, '?device=ws-02'))).toEqual(['b'])
  expect(ids(await list(api, `?from=${NOW - 2000}&to=${NOW}`))).toEqual(['c', 'b'])
  expect((await api.ask({ url: '/api/v1/alerts?state=open' })).statusCode).toBe(422)
})

test.for(['', '&state=active', '&state=active,returned,closed'])(
  'pages %s hold every alert once',
  async (filter, t) => {
    const api = createTestApi(t)
    // Several of one moment: the id decides.
    await api.transitions(
      ...Array.from({ length: 23 }, (_, index) => opened(`a-${index}`, { at: NOW + Math.floor(index / 4) })),
    )
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: Page = await list(api, `?limit=5${filter}${cursor && `&cursor=${cursor}`}`)
      expect(page.items.length).toBeLessThanOrEqual(5)
      seen.push(...ids(page))
      cursor = page.next
    }
    expect(seen).toEqual(ids(await list(api)))
    expect(new Set(seen).size).toBe(23)
  },
)

test('an acknowledgement is in the log before it is answered, with who and when', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('a'))
  const response = await act(api, 'a', 'acknowledge', { comment: 'đã gọi trạm bơm' })
  expect(response.statusCode).toBe(200)
  expect(response.json()).toMatchObject({
    state: 'active',
    acknowledged: { by: 'admin', at: '2026-11-22T05:00:00.000Z' },
    history: [{ type: 'opened' }, { type: 'acknowledged', by: 'admin', comment: 'đã gọi trạm bơm' }],
  })
  const record = api.log.records('keng.alerts.v1').at(-1)
  expect(record?.key).toBe('default')
  expect(JSON.parse(Buffer.from(record?.value ?? []).toString())).toEqual({
    type: 'acknowledged',
    alert: 'a',
    at: NOW,
    by: 'admin',
    comment: 'đã gọi trạm bơm',
  })
})

test('an action needs no body where there is nothing to say', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('a'), opened('b'))
  expect((await act(api, 'a', 'acknowledge')).statusCode).toBe(200)
  expect((await act(api, 'b', 'close')).json()).toMatchObject({ state: 'closed', closedAt: '2026-11-22T05:00:00.000Z' })
  expect((await act(api, 'a', 'comment')).json()).toMatchObject({ status: 422, errors: [{ path: '/body/comment' }] })
})

test('of two people who acknowledge at once the second is told who was first', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('a'))
  const [first, second] = await Promise.all([act(api, 'a', 'acknowledge'), act(api, 'a', 'acknowledge')])
  expect(first?.statusCode).toBe(200)
  expect(second?.statusCode).toBe(409)
  expect(second?.json()).toMatchObject({
    code: 'KENG_ALERT_STATE',
    detail: expect.stringContaining('by admin at 2026-11-22T05:00'),
  })
})

test('a closed alert takes comments, and nothing else', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('a'))
  await act(api, 'a', 'close')
  expect((await act(api, 'a', 'close')).statusCode).toBe(409)
  expect((await act(api, 'a', 'acknowledge')).statusCode).toBe(409)
  expect((await act(api, 'a', 'comment', { comment: 'cống đã sửa' })).statusCode).toBe(200)
})

test('an alert that is not there is not found, whatever its id looks like', async (t) => {
  const api = createTestApi(t)
  for (const id of ['none', '__proto__', 'constructor', 'x'.repeat(390)]) {
    expect((await api.ask({ url: `/api/v1/alerts/${id}` })).json()).toMatchObject({ code: 'KENG_ALERT_UNKNOWN' })
    expect((await act(api, id, 'close')).json()).toMatchObject({ code: 'KENG_ALERT_UNKNOWN' })
  }
})

test('an action that the log cannot take is not said to be done', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('a'))
  await list(api)
  api.log.failNext(new KengError('KENG_LOG_FULL', 'no space'))
  expect((await act(api, 'a', 'acknowledge')).json()).toMatchObject({ status: 503, code: 'KENG_LOG_FULL' })
  expect((await api.ask({ url: '/api/v1/alerts/a' })).json()).toMatchObject({ acknowledged: null })
  expect((await act(api, 'a', 'acknowledge')).statusCode).toBe(200)
})

test('the time of an action in the log never goes back behind the alert', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('a'))
  await list(api)
  api.clock.setWall(NOW - 60_000)
  await act(api, 'a', 'acknowledge')
  expect(api.log.records('keng.alerts.v1').at(-1)).toMatchObject({ time: NOW })
})

test('the history of one alert is bounded, and closing it always goes', async (t) => {
  const api = createTestApi(t)
  const comments = Array.from(
    { length: 999 },
    (_, at) => ({ type: 'commented', alert: 'a', at, by: 'x', comment: 'y' }) as const,
  )
  await api.transitions(opened('a'), ...comments)
  expect((await act(api, 'a', 'comment', { comment: 'more' })).json()).toMatchObject({
    status: 409,
    code: 'KENG_ALERT_HISTORY_FULL',
  })
  expect((await act(api, 'a', 'close')).statusCode).toBe(200)
})

test('when the alerts cannot be read, actions are refused, /readyz says so, and it is tried again', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('a'))
  await list(api)
  api.log.breakReaders('keng.alerts.v1', new KengError('KENG_LOG_UNAVAILABLE', 'gone'))
  expect((await act(api, 'a', 'acknowledge')).json()).toMatchObject({ status: 503, code: 'KENG_HTTP_NOT_READY' })
  const ready = await api.ask({ url: '/readyz' })
  expect(ready.statusCode).toBe(503)
  expect(ready.json()).toMatchObject({ ready: false, parts: { log: { ready: true }, alerts: { ready: false } } })
  await api.transitions(opened('b'))
  api.clock.advance(5000)
  await expect.poll(async () => ids(await list(api))).toEqual(['b', 'a'])
  expect((await api.ask({ url: '/readyz' })).statusCode).toBe(200)
})

test('a record that cannot be read is stepped over', async (t) => {
  const api = createTestApi(t)
  await api.transitions(opened('a'))
  api.log.append('keng.alerts.v1', [{ key: 'default', time: NOW, value: Buffer.from('{"type":') }], () => undefined)
  await api.transitions(opened('b'))
  expect(ids(await list(api))).toEqual(['b', 'a'])
})
