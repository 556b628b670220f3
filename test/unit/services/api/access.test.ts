import { describe, expect, test } from 'vitest'

import { createTestApi } from '../../../support/api/create-test-api.ts'

const COMMENT = { method: 'POST', url: '/api/v1/alerts/x/comment', payload: { comment: 'x' } } as const

describe('on loopback', () => {
  test.for(['127.0.0.1:8080', 'localhost', 'LOCALHOST:8080', '[::1]:8080'])(
    'a request to %s is answered',
    async (host, t) => {
      const { askBare } = createTestApi(t)
      expect((await askBare({ url: '/healthz', headers: { host } })).statusCode).toBe(200)
    },
  )

  test.for([
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost.evil.example:80',
    '192.168.1.9:8080',
  ])('a request to %s is refused, so that no foreign name can be pointed at this machine', async (host, t) => {
    const { askBare } = createTestApi(t)
    const response = await askBare({ url: '/healthz', headers: { host } })
    expect(response.statusCode).toBe(403)
    expect(response.json()).toMatchObject({ code: 'KENG_HTTP_HOST' })
  })

  test('the host of KENG_PUBLIC_URL is answered too', async (t) => {
    const { askBare } = createTestApi(t, { publicUrl: 'https://keng.example' })
    expect((await askBare({ url: '/healthz', headers: { host: 'keng.example' } })).statusCode).toBe(200)
    expect((await askBare({ url: '/healthz', headers: { host: 'other.example' } })).statusCode).toBe(403)
  })
})

test('off loopback any Host is answered', async (t) => {
  const { askBare } = createTestApi(t, { host: '0.0.0.0' })
  expect((await askBare({ url: '/healthz', headers: { host: 'box.lan' } })).statusCode).toBe(200)
})

describe('with a cookie', () => {
  test.for<[string, Record<string, string>]>([
    ['none', {}],
    ['another page', { origin: 'http://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:3000' }],
    ['a page without an address', { origin: 'null' }],
    ['another scheme', { origin: 'file://127.0.0.1' }],
  ])('a POST whose Origin is %s is refused', async ([, headers], t) => {
    const { askBare, logIn } = createTestApi(t)
    const response = await askBare({ ...COMMENT, headers: { cookie: await logIn(), ...headers } })
    expect(response.statusCode).toBe(403)
    expect(response.json()).toMatchObject({ code: 'KENG_HTTP_ORIGIN' })
  })

  test("a POST from the server's own page goes through", async (t) => {
    const { askBare, logIn } = createTestApi(t)
    const cookie = await logIn()
    const own = await askBare({
      ...COMMENT,
      headers: { host: 'localhost:8080', origin: 'http://localhost:8080', cookie },
    })
    expect(own.statusCode).toBe(404)
    expect(own.json()).toMatchObject({ code: 'KENG_ALERT_UNKNOWN' })
  })

  test('a GET that a browser sends for another site is refused', async (t) => {
    const { askBare, logIn } = createTestApi(t)
    const cookie = await logIn()
    const get = (headers: Record<string, string>) =>
      askBare({ url: '/api/v1/devices', headers: { cookie, ...headers } })
    expect((await get({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    expect((await get({ origin: 'http://127.0.0.1:3000' })).statusCode).toBe(403)
    expect((await get({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200)
  })

  test('a program with a bearer token needs no Origin', async (t) => {
    const { ask } = createTestApi(t)
    expect((await ask(COMMENT)).statusCode).toBe(404)
  })
})

test('another page cannot log somebody in', async (t) => {
  const { api, askBare } = createTestApi(t)
  const headers = { origin: 'http://evil.example' }
  const response = await askBare({
    method: 'POST',
    url: '/api/v1/session',
    headers,
    payload: { code: api.issueCode() },
  })
  expect(response.statusCode).toBe(403)
  expect(response.headers['set-cookie']).toBeUndefined()
})

describe('off loopback', () => {
  test.for([
    ['without HTTPS nobody can log in', {}, 403, undefined],
    [
      'KENG_PLAIN_HTTP=allow gives a cookie without Secure',
      { plainHttp: 'allow' },
      201,
      /^keng=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    ],
    [
      'HTTPS in front of it gives the __Host- cookie',
      { publicUrl: 'https://keng.example' },
      201,
      /^__Host-keng=.*Secure/,
    ],
  ] as const)('%s', async ([, options, status, cookie], t) => {
    const { api, askBare } = createTestApi(t, { host: '0.0.0.0', ...options })
    const response = await askBare({ method: 'POST', url: '/api/v1/session', payload: { code: api.issueCode() } })
    expect(response.statusCode).toBe(status)
    if (cookie !== undefined) expect(response.headers['set-cookie']).toMatch(cookie)
    else expect(response.headers['set-cookie']).toBeUndefined()
  })
})

test('the page may run only its own scripts and styles, in no frame of others', async (t) => {
  const { askBare } = createTestApi(t)
  const { headers } = await askBare({ url: '/healthz' })
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("style-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['strict-transport-security']).toBeUndefined()
})

test('behind HTTPS browsers are told to stay with it', async (t) => {
  const { askBare } = createTestApi(t, { publicUrl: 'https://keng.example' })
  const { headers } = await askBare({ url: '/healthz' })
  expect(headers['strict-transport-security']).toBe('max-age=31536000')
})

test('what the API answers is not kept by anybody on the way', async (t) => {
  const { ask } = createTestApi(t)
  expect((await ask({ url: '/api/v1/devices' })).headers['cache-control']).toBe('no-store')
})
