import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { createServerClient } from '../../../libs/runtime/server-client.ts'
import { registerDevices } from '../../../simulators/registration/register-devices.ts'
import { openTokenFile } from '../../../simulators/registration/token-file.ts'
import { freePort } from '../../support/free-port.ts'
import { startRegistryStandIn } from '../../support/registry-stand-in.ts'
import { tempDir } from '../../support/temp-dir.ts'

const wanted = ['sim-1', 'sim-2', 'sim-3'].map((id) => ({ id, simulated: true }))

test('devices are registered once; the next run finds their tokens in a file that only its owner can read', async (t) => {
  const server = await startRegistryStandIn(t, 2)
  const path = join(tempDir(t), 'simulated-devices.json')
  const api = createServerClient({ baseUrl: server.url, token: () => server.adminToken })
  const first = await registerDevices(api, openTokenFile(path), wanted)
  expect(Object.fromEntries(first)).toEqual(Object.fromEntries(server.tokens))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const again = await registerDevices(api, openTokenFile(path), [...wanted, { id: 'sim-4', simulated: true }])
  expect([...again.entries()].slice(0, 3)).toEqual([...first.entries()])
  expect(again.get('sim-4')).toBe(server.tokens.get('sim-4'))
  expect(server.requests.filter((request) => request.startsWith('POST'))).toHaveLength(2)
})

test('a simulated device whose token is lost gets a new one', async (t) => {
  const server = await startRegistryStandIn(t)
  const api = createServerClient({ baseUrl: server.url, token: () => server.adminToken })
  await registerDevices(api, openTokenFile(null), wanted)
  const tokens = await registerDevices(api, openTokenFile(null), wanted.slice(0, 1))
  expect(tokens.get('sim-1')).toBe(server.tokens.get('sim-1'))
  expect(server.requests).toContain('POST /api/v1/devices/sim-1/token')
  expect(tokens.get('sim-1')).toBe('token-4')
  expect(server.devices.size).toBe(3)
})

test('a real device of the same name is left alone', async (t) => {
  const server = await startRegistryStandIn(t)
  server.devices.set('sim-2', { id: 'sim-2' })
  const api = createServerClient({ baseUrl: server.url, token: () => server.adminToken })
  await expect(registerDevices(api, openTokenFile(null), wanted)).rejects.toMatchObject({
    code: 'KENG_SIMULATE_DEVICE_TAKEN',
    message: expect.stringContaining('sim-2'),
  })
  expect(server.requests).toEqual(['GET /api/v1/devices'])
})

test('what goes wrong has a name: no server, a wrong token, a broken file', async (t) => {
  const server = await startRegistryStandIn(t)
  const wrong = createServerClient({ baseUrl: server.url, token: () => 'nonsense' })
  await expect(registerDevices(wrong, openTokenFile(null), wanted)).rejects.toMatchObject({ code: 'KENG_CLIENT_LOGIN' })
  const nobody = createServerClient({ baseUrl: `http://127.0.0.1:${await freePort()}`, token: () => 'x' })
  await expect(registerDevices(nobody, openTokenFile(null), wanted)).rejects.toMatchObject({
    code: 'KENG_CLIENT_UNREACHABLE',
  })
  const path = join(tempDir(t), 'tokens.json')
  writeFileSync(path, '[1,2')
  expect(() => openTokenFile(path)).toThrow(path)
  expect(readFileSync(path, 'utf8')).toBe('[1,2')
})
