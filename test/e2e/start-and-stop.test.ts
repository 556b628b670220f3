/** The built program as a process: how it starts and how it ends. */

import { existsSync, readFileSync } from 'node:fs'
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
