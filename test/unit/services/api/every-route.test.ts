import { expect, test } from 'vitest'

import { createTestApi } from '../../../support/api/create-test-api.ts'

interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: string
}

const OPEN = new Set([
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /api/openapi.json',
  'POST /api/v1/session',
  'DELETE /api/v1/session',
])

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD'] as const

/** Every route that the router knows, read from the tree that it prints. */
function routesOf(printed: string): Route[] {
  const path: string[] = []
  return printed.split('\n').flatMap((line) => {
    const match = /^((?:│ {3}| {4})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (match === null) return []
    const [, indent = '', part = '', methods] = match
    path.length = indent.length / 4
    path.push(part)
    const url = path.join('')
    return (methods?.split(', ') ?? []).map((method) => ({ method: method as Route['method'], url }))
  })
}

async function openApiAndRoutes(t: Parameters<typeof createTestApi>[0]) {
  const test = createTestApi(t)
  await test.api.app.ready()
  const routes = routesOf(test.api.app.printRoutes())
  for (const { method, url } of routes) expect(test.api.app.hasRoute({ method, url })).toBe(true)
  return { ...test, routes }
}

test('every route under /api/v1 refuses whoever is not logged in, except logging in and out', async (t) => {
  const { routes, askBare } = await openApiAndRoutes(t)
  const guarded = routes.filter(({ method, url }) => !OPEN.has(`${method} ${url}`))
  expect(guarded.length).toBeGreaterThan(14)
  for (const { method, url } of guarded) {
    expect(url).toMatch(/^\/api\/v1\//)
    const payload = method === 'GET' || method === 'DELETE' ? {} : { payload: {} }
    for (const headers of [{}, { cookie: '__Host-keng=a.b; keng=a.b' }]) {
      const response = await askBare({ method, url: url.replace(':id', 'x'), headers, ...payload })
      expect([method, url, response.statusCode]).toEqual([method, url, 401])
      expect(response.headers['content-type']).toContain('application/problem+json')
      expect(response.headers['www-authenticate']).toBe('Bearer')
    }
  }
})

test("a device's own token opens its telemetry and nothing else", async (t) => {
  const { routes, askBare, registry } = await openApiAndRoutes(t)
  await registry.create([{ id: 'x', cell: 'default' }])
  // Another address each time: wrong tokens are counted by address.
  let address = 1
  for (const { method, url } of routes.filter((route) => !OPEN.has(`${route.method} ${route.url}`))) {
    const response = await askBare({
      method,
      url: url.replace(':id', 'x'),
      headers: { authorization: 'Bearer token-of-x' },
      remoteAddress: `10.0.0.${address++}`,
      ...(method === 'POST' || method === 'PATCH' ? { payload: {} } : {}),
    })
    expect([url, response.statusCode]).toEqual([url, url === '/api/v1/devices/:id/telemetry' ? 202 : 401])
  }
})

test('the OpenAPI document describes every route, and no other', async (t) => {
  const { routes, askBare } = await openApiAndRoutes(t)
  const document = (await askBare({ url: '/api/openapi.json' })).json<{
    openapi: string
    paths: Record<string, Record<string, { summary?: string; responses: object }>>
  }>()
  expect(document.openapi).toBe('3.1.0')
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]) => {
      expect([path, route.summary]).toEqual([path, expect.stringMatching(/\w/)])
      return `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`
    }),
  )
  expect(described.sort()).toEqual(routes.map(({ method, url }) => `${method} ${url}`).sort())
})

test('every reference in the OpenAPI document leads somewhere', async (t) => {
  const { askBare } = createTestApi(t)
  const response = await askBare({ url: '/api/openapi.json' })
  const document = response.json<{ components: { schemas: Record<string, object> } }>()
  const references = [...response.body.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
    ([, name = '']) => name,
  )
  expect(references.length).toBeGreaterThan(20)
  for (const name of references) expect(document.components.schemas).toHaveProperty([name])
})

test('nothing answers a method that it was not made for', async (t) => {
  const { routes, ask } = await openApiAndRoutes(t)
  const known = new Set(routes.map(({ method, url }) => `${method} ${url}`))
  for (const url of new Set(routes.map((route) => route.url))) {
    for (const method of METHODS.filter((other) => !known.has(`${other} ${url}`))) {
      expect([method, url, (await ask({ method, url: url.replace(':id', 'x') })).statusCode]).toEqual([
        method,
        url,
        404,
      ])
    }
  }
})
