import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { createTestApi } from '../../../support/api/create-test-api.ts'
import { tempDir } from '../../../support/temp-dir.ts'

test('a part that is not ready makes /readyz 503 and is named; /healthz stays', async (t) => {
  const { askBare, parts } = createTestApi(t)
  expect((await askBare({ url: '/readyz' })).statusCode).toBe(200)
  parts.log = { ready: false, detail: 'the disk is full' }
  const response = await askBare({ url: '/readyz' })
  expect(response.statusCode).toBe(503)
  expect(response.json()).toMatchObject({ ready: false, parts: { log: { ready: false, detail: 'the disk is full' } } })
  expect((await askBare({ url: '/healthz' })).json()).toEqual({ alive: true })
})

test('metrics are Prometheus text, and count answers by status', async (t) => {
  const { askBare } = createTestApi(t)
  await askBare({ url: '/api/v1/devices' })
  const response = await askBare({ url: '/metrics' })
  expect(response.headers['content-type']).toContain('text/plain; version=0.0.4')
  expect(response.body).toContain('keng_api_responses_total{status="401"} 1')
  expect(response.body).toContain('keng_api_live_clients 0')
})

test('the built page is served with its policy, its hashed files for ever', async (t) => {
  const dashboardDir = tempDir(t)
  mkdirSync(join(dashboardDir, 'assets'))
  writeFileSync(join(dashboardDir, 'index.html'), '<!doctype html><title>Kẻng</title>')
  writeFileSync(join(dashboardDir, 'assets', 'index-abc123.js'), 'export {}')
  const { askBare } = createTestApi(t, {}, { dashboardDir })
  const page = await askBare({ url: '/' })
  expect(page.statusCode).toBe(200)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.headers['cache-control']).toBe('no-cache')
  expect(page.headers['content-security-policy']).toContain("script-src 'self';")
  const script = await askBare({ url: '/assets/index-abc123.js' })
  expect(script.headers['cache-control']).toContain('immutable')
  expect((await askBare({ url: '/assets/..%2f..%2fetc%2fpasswd' })).statusCode).toBeGreaterThanOrEqual(400)
  expect((await askBare({ url: '/gone.js' })).json()).toMatchObject({ code: 'KENG_HTTP_NOT_FOUND' })
})

test.for(['vi', 'en'] as const)(
  'the page begins in %s where that is the language of the installation',
  async (language, t) => {
    const dashboardDir = tempDir(t)
    writeFileSync(join(dashboardDir, 'index.html'), '<!doctype html><html lang="vi">')
    const { askBare } = createTestApi(t, { language }, { dashboardDir })
    expect((await askBare({ url: '/' })).body).toContain(`<html lang="${language}">`)
  },
)
