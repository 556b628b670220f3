import { expect, test } from 'vitest'

import { AS_ADMIN, createTestApi, NOW } from '../../../support/api/create-test-api.ts'

const ORIGIN = { origin: 'http://127.0.0.1' }
const DAY_MS = 86_400_000

test('a code of the start link is exchanged for a session cookie that a page cannot read', async (t) => {
  const { api, askBare } = createTestApi(t)
  const response = await askBare({ method: 'POST', url: '/api/v1/session', payload: { code: api.issueCode() } })
  expect(response.statusCode).toBe(201)
  expect(response.json()).toEqual({ name: 'admin', role: 'admin', expiresAt: '2026-11-29T05:00:00.000Z' })
  expect(response.headers['set-cookie']).toMatch(
    /^__Host-keng=[\w.-]+; Path=\/; Expires=Sun, 29 Nov 2026 05:00:00 GMT; HttpOnly; Secure; SameSite=Strict$/,
  )
})

test('a code works once', async (t) => {
  const { api, askBare } = createTestApi(t)
  const login = { method: 'POST', url: '/api/v1/session', payload: { code: api.issueCode() } } as const
  expect((await askBare(login)).statusCode).toBe(201)
  const second = await askBare(login)
  expect(second.statusCode).toBe(401)
  expect(second.json()).toMatchObject({ code: 'KENG_HTTP_CODE_INVALID' })
})

test('a code works for ten minutes', async (t) => {
  const { api, askBare, clock } = createTestApi(t)
  const codes = [api.issueCode(), api.issueCode()]
  clock.advance(10 * 60_000 - 1)
  const login = (code = '') => askBare({ method: 'POST', url: '/api/v1/session', payload: { code } })
  expect((await login(codes[0])).statusCode).toBe(201)
  clock.advance(1)
  expect((await login(codes[1])).statusCode).toBe(401)
})

test('setting the clock does not make a code live longer', async (t) => {
  const { api, askBare, clock } = createTestApi(t)
  const code = api.issueCode()
  clock.advance(11 * 60_000)
  clock.setWall(NOW)
  expect((await askBare({ method: 'POST', url: '/api/v1/session', payload: { code } })).statusCode).toBe(401)
})

test('the bearer token makes codes, and a session cannot', async (t) => {
  const { ask, askBare, logIn } = createTestApi(t)
  const made = await ask({ method: 'POST', url: '/api/v1/session/codes' })
  expect(made.statusCode).toBe(201)
  const { code, url, expiresAt } = made.json<{ code: string; url: string; expiresAt: string }>()
  expect(url).toBe(`http://127.0.0.1:0/#enter=${code}`)
  expect(expiresAt).toBe('2026-11-22T05:10:00.000Z')
  expect((await askBare({ method: 'POST', url: '/api/v1/session', payload: { code } })).statusCode).toBe(201)

  const cookie = await logIn()
  const refused = await askBare({ method: 'POST', url: '/api/v1/session/codes', headers: { cookie, ...ORIGIN } })
  expect(refused.statusCode).toBe(403)
})

test('who is logged in is told to a session, to the bearer token, and to nobody else', async (t) => {
  const { ask, askBare, logIn } = createTestApi(t)
  const cookie = await logIn()
  expect((await askBare({ url: '/api/v1/session', headers: { cookie } })).json()).toMatchObject({ name: 'admin' })
  expect((await ask({ url: '/api/v1/session' })).json()).toEqual({ name: 'admin', role: 'admin', expiresAt: null })
  expect((await askBare({ url: '/api/v1/session' })).statusCode).toBe(401)
})

test('a session outlives a restart of the server, because it is signed and not stored', async (t) => {
  const cookie = await createTestApi(t).logIn()
  const afterRestart = createTestApi(t)
  expect((await afterRestart.askBare({ url: '/api/v1/devices', headers: { cookie } })).statusCode).toBe(200)
})

test('a session of another installation, one that was changed, and one that has expired are refused', async (t) => {
  const { askBare, logIn, clock } = createTestApi(t)
  const cookie = await logIn()
  const [body = '', signature = ''] = cookie.replace('__Host-keng=', '').split('.')
  const longer = Buffer.from(
    Buffer.from(body, 'base64url')
      .toString()
      .replace(/\d{13}/, '9999999999999'),
  ).toString('base64url')
  const secrets = { adminToken: () => 'x', sessionKey: Buffer.from('another key') }
  const foreign = await createTestApi(t, {}, { secrets }).logIn()
  for (const forged of [
    foreign,
    `__Host-keng=${longer}.${signature}`,
    `__Host-keng=${body}.`,
    '__Host-keng=',
    `__Host-keng=${body}`,
  ]) {
    expect((await askBare({ url: '/api/v1/devices', headers: { cookie: forged } })).statusCode).toBe(401)
  }
  expect((await askBare({ url: '/api/v1/devices', headers: { cookie } })).statusCode).toBe(200)
  clock.advance(7 * DAY_MS)
  expect((await askBare({ url: '/api/v1/devices', headers: { cookie } })).statusCode).toBe(401)
})

test('in the second half of its life a session is renewed', async (t) => {
  const { askBare, logIn, clock } = createTestApi(t)
  const cookie = await logIn()
  expect((await askBare({ url: '/api/v1/session', headers: { cookie } })).headers['set-cookie']).toBeUndefined()
  clock.advance(4 * DAY_MS)
  const renewed = await askBare({ url: '/api/v1/session', headers: { cookie } })
  expect(renewed.json()).toMatchObject({ expiresAt: '2026-12-03T05:00:00.000Z' })
  expect(renewed.headers['set-cookie']).toContain('Expires=Thu, 03 Dec 2026')
})

test('logging out ends the session, also where a copy of the cookie is kept', async (t) => {
  const { askBare, logIn } = createTestApi(t)
  const cookie = await logIn()
  const out = await askBare({ method: 'DELETE', url: '/api/v1/session', headers: { cookie, ...ORIGIN } })
  expect(out.statusCode).toBe(204)
  expect(out.headers['set-cookie']).toContain('__Host-keng=; ')
  expect((await askBare({ url: '/api/v1/session', headers: { cookie } })).statusCode).toBe(401)
  expect((await askBare({ method: 'DELETE', url: '/api/v1/session' })).statusCode).toBe(204)
})

test('the eleventh login within a minute from one address has to wait', async (t) => {
  const { askBare, api } = createTestApi(t)
  const login = (code: string) => askBare({ method: 'POST', url: '/api/v1/session', payload: { code } })
  for (let guess = 0; guess < 10; guess++) expect((await login(`guess-${guess}`)).statusCode).toBe(401)
  const limited = await login(api.issueCode())
  expect(limited.statusCode).toBe(429)
  expect(limited.json()).toMatchObject({ code: 'KENG_HTTP_RATE' })
  expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
})

test('whoever tries tokens has to wait, and whoever has the right one does not', async (t) => {
  const { askBare } = createTestApi(t)
  const guess = () => askBare({ url: '/api/v1/devices', headers: { authorization: 'Bearer wrong' } })
  for (let attempt = 0; attempt < 10; attempt++) expect((await guess()).statusCode).toBe(401)
  const limited = await guess()
  expect(limited.statusCode).toBe(429)
  expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
  expect((await askBare({ url: '/api/v1/devices', headers: AS_ADMIN })).statusCode).toBe(200)
})

test('a rotated admin token counts from the next request on', async (t) => {
  let token = 'first'
  const secrets = { adminToken: () => token, sessionKey: Buffer.from('key') }
  const { askBare } = createTestApi(t, {}, { secrets })
  const ask = () => askBare({ url: '/api/v1/devices', headers: { authorization: 'Bearer first' } })
  expect((await ask()).statusCode).toBe(200)
  token = 'second'
  expect((await ask()).statusCode).toBe(401)
})

test('an empty admin token lets nobody in', async (t) => {
  const { askBare } = createTestApi(t, {}, { secrets: { adminToken: () => '', sessionKey: Buffer.from('key') } })
  for (const authorization of ['Bearer ', 'Bearer', 'bearer  ']) {
    expect((await askBare({ url: '/api/v1/devices', headers: { authorization } })).statusCode).toBe(401)
  }
})
