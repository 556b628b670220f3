/** The built program as a process: how it starts, what it refuses to start with, how it ends. */

import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { describe, expect, test } from 'vitest'

import { runKeng, spawnKeng } from '../support/spawn-keng.ts'
import { tempDir } from '../support/temp-dir.ts'

const LEDGER = { received: 0, stored: 0, partial: 0, duplicate: 0, rejected: 0, inFlight: 0 }

describe('keng start', () => {
  test('listens where ready.json says, prints one link, drains on SIGTERM and exits 0 in less than 10 s', async (t) => {
    const keng = await spawnKeng(t)
    expect((await fetch(`${keng.ready.http}/healthz`)).status).toBe(200)
    await expect.poll(() => keng.stdout().match(/http:\S+#enter=\S+/g)).toEqual([keng.ready.link])
    const asked = performance.now()
    expect(await keng.kill('SIGTERM')).toEqual({ status: 0, signal: null })
    expect(performance.now() - asked).toBeLessThan(10_000)
    expect(existsSync(join(keng.dataDir, 'lock'))).toBe(false)
  })

  test('ends as quickly with devices over TCP and WebSocket and a live stream connected', async (t) => {
    const keng = await spawnKeng(t)
    const { http, mqtt: tcp } = keng.ready
    const headers = { authorization: `Bearer ${readFileSync(join(keng.dataDir, 'admin.token'), 'utf8').trim()}` }
    const registered = await fetch(`${http}/api/v1/devices`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'w1' }),
    })
    const { items } = (await registered.json()) as { items: [{ token: string }] }
    for (const address of [tcp, `${http.replace('http', 'ws')}/mqtt`]) {
      const client = await mqtt.connectAsync(address, { username: 'w1', password: items[0].token, reconnectPeriod: 0 })
      t.onTestFinished(() => void client.end(true))
      await client.publishAsync('keng/v1/w1/telemetry', '{"values":{"water.ph":7}}', { qos: 1 })
    }
    const live = await fetch(`${http}/api/v1/live`, { headers })
    expect(live.status).toBe(200)
    t.onTestFinished(() => live.body?.cancel().catch(() => {}))
    const asked = performance.now()
    expect(await keng.kill('SIGTERM')).toEqual({ status: 0, signal: null })
    expect(performance.now() - asked).toBeLessThan(10_000)
  })

  test('starts again on the same folder after kill -9, and the command line finds it', async (t) => {
    const dataDir = tempDir(t)
    const first = await spawnKeng(t, { dataDir })
    await first.kill('SIGKILL')
    const second = await spawnKeng(t, { dataDir })
    expect(second.ready.pid).toBe(second.child.pid)
    const ledger = await runKeng(t, { args: ['ledger', '--json'], dataDir })
    expect([ledger.status, JSON.parse(ledger.stdout)]).toEqual([0, LEDGER])
    const doctor = await runKeng(t, { args: ['doctor'], dataDir })
    expect([doctor.status, doctor.stdout]).toEqual([0, expect.stringContaining(`ready at ${second.ready.http}`)])
  })

  test('takes a rotated admin token at once and refuses the old one', async (t) => {
    const { ready, dataDir } = await spawnKeng(t)
    const tokenFile = join(dataDir, 'admin.token')
    const ask = async (token: string) =>
      (await fetch(`${ready.http}/api/v1/devices`, { headers: { authorization: `Bearer ${token.trim()}` } })).status
    const old = readFileSync(tokenFile, 'utf8')
    expect(await ask(old)).toBe(200)
    expect((await runKeng(t, { args: ['tokens', 'rotate-admin'], dataDir })).status).toBe(0)
    expect([await ask(old), await ask(readFileSync(tokenFile, 'utf8'))]).toEqual([401, 200])
  })
})

/** What the one line says when the program does not start; nothing else may be printed. */
async function refusal(t: Parameters<typeof runKeng>[0], dataDir: string, env: Record<string, string> = {}) {
  const { status, stdout, stderr } = await runKeng(t, { args: ['start'], dataDir, env })
  expect(stdout).toBe('')
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  return { status, stderr }
}

describe('keng start refuses', () => {
  test('wrong settings, all named in one line, with status 2 and before it makes a folder', async (t) => {
    const dataDir = join(tempDir(t), 'data')
    const env = { KENG_HTTP_PORT: '70000', KENG_LANG: 'fr', KENG_MQTT_PRT: '1883' }
    const { status, stderr } = await refusal(t, dataDir, env)
    expect(status).toBe(2)
    for (const variable of Object.keys(env)) expect(stderr).toContain(variable)
    expect(existsSync(dataDir)).toBe(false)
  })

  test('a folder that another process uses, without disturbing it', async (t) => {
    const { ready, dataDir } = await spawnKeng(t)
    expect(await refusal(t, dataDir)).toEqual({ status: 1, stderr: expect.stringContaining(`process ${ready.pid}`) })
    expect((await fetch(`${ready.http}/healthz`)).status).toBe(200)
  })

  test('a folder of a newer version', async (t) => {
    const dataDir = tempDir(t)
    writeFileSync(join(dataDir, 'format'), '999\n')
    expect(await refusal(t, dataDir)).toEqual({ status: 1, stderr: expect.stringContaining('KENG_DATA_DIR_NEWER') })
  })

  test('a folder that cannot be written', async (t) => {
    const file = join(tempDir(t), 'file')
    writeFileSync(file, '')
    const { status, stderr } = await refusal(t, join(file, 'data'))
    expect([status, stderr]).toEqual([1, expect.stringContaining('KENG_DATA_DIR_UNWRITABLE')])
  })

  test.for(['KENG_HTTP_PORT', 'KENG_MQTT_PORT'])(
    'a port of %s that is in use, and gives the folder back',
    async (variable, t) => {
      const dataDir = tempDir(t)
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      t.onTestFinished(() => void other.close())
      const port = String((other.address() as AddressInfo).port)
      const { status, stderr } = await refusal(t, dataDir, { [variable]: port })
      expect(status).toBe(1)
      expect(stderr).toContain('KENG_CONFIG_PORT_IN_USE')
      expect(stderr).toContain(port)
      expect(existsSync(join(dataDir, 'lock'))).toBe(false)
    },
  )
})
