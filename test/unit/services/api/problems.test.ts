import { expect, test } from 'vitest'

import { createTestApi } from '../../../support/api/create-test-api.ts'

const DEVICES = { method: 'POST', url: '/api/v1/devices', headers: { 'content-type': 'application/json' } } as const

test.for([
  ['no JSON', '{"id":', 'application/json', 400, 'KENG_HTTP_MALFORMED'],
  ['an empty body', '', 'application/json', 400, 'KENG_HTTP_MALFORMED'],
  ['a __proto__ key', '{"id":"a","__proto__":{"admin":true}}', 'application/json', 400, 'KENG_HTTP_MALFORMED'],
  [
    'a constructor with a prototype',
    '{"id":"a","constructor":{"prototype":{"x":1}}}',
    'application/json',
    400,
    'KENG_HTTP_MALFORMED',
  ],
  ['depth 100,000', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'application/json', 422, 'KENG_HTTP_INVALID'],
  ['1e999 for a number', '{"id":"a","latitude":1e999}', 'application/json', 422, 'KENG_HTTP_INVALID'],
  ['a form', 'id=a', 'application/x-www-form-urlencoded', 415, 'KENG_HTTP_MEDIA_TYPE'],
  ['plain text, which a form of another page can send', '{"id":"a"}', 'text/plain', 415, 'KENG_HTTP_MEDIA_TYPE'],
  ['more than 4 MiB', ' '.repeat(4 * 1024 * 1024 + 1), 'application/json', 413, 'KENG_HTTP_TOO_LARGE'],
] as const)('a registration with %s is answered as problem details', async ([, payload, type, status, code], t) => {
  const { ask, registry } = createTestApi(t)
  const response = await ask({ ...DEVICES, headers: { 'content-type': type }, payload })
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(response.json()).toMatchObject({
    type: 'about:blank',
    status,
    code,
    title: expect.any(String),
    detail: expect.any(String),
  })
  expect(registry.list()).toEqual([])
})

test('an address where nothing is gets a problem too', async (t) => {
  const { ask } = createTestApi(t)
  for (const url of ['/nothing', '/api/v1/nothing', '/api/v1/devices/a/b/c', '/%E0%A4%A', '/..%2f..%2fetc%2fpasswd']) {
    const response = await ask({ url })
    expect([url, response.headers['content-type']]).toEqual([url, 'application/problem+json; charset=utf-8'])
    expect([400, 404]).toContain(response.statusCode)
  }
})

test('an error that nobody foresaw is told without its text', async (t) => {
  const { ask, pipeline } = createTestApi(t)
  pipeline.fail = new Error('secret detail of the inside')
  const response = await ask({ url: '/api/v1/readings?device=d&channel=water.ph' })
  expect(response.statusCode).toBe(500)
  expect(response.json()).toMatchObject({ code: 'KENG_HTTP_INTERNAL' })
  expect(response.body).not.toContain('secret')
})

test('markup in names comes back as it is, as JSON that no browser takes for a page', async (t) => {
  const { ask } = createTestApi(t)
  const name = '<img src=x onerror=alert(1)>'
  await ask({ ...DEVICES, payload: { id: 'a', name } })
  const response = await ask({ url: '/api/v1/devices/a' })
  expect(response.json()).toMatchObject({ name })
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(response.headers['x-content-type-options']).toBe('nosniff')
})
