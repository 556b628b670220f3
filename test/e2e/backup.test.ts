import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { describe, expect, test } from 'vitest'

import type { Cleanup } from '../support/cleanup.ts'
import { readSource } from '../support/source-files.ts'
import { spawnKeng } from '../support/spawn-keng.ts'
import { tempDir } from '../support/temp-dir.ts'
import { createServerClient, type ServerClient } from '../torture/server-client.ts'

const TOPIC = 'keng/v1/w1/telemetry'
const HIGH_PH = 12

interface FileRow {
  readonly name: string
  readonly inBackup: boolean
}

/** The table of docs/operations.md: what lies in the data folder, and what of it belongs into a backup. */
const files: FileRow[] = [
  ...(readSource('docs/operations.md').split('<!-- files -->')[1]?.split('<!-- /files -->')[0] ?? '').matchAll(
    /^\| `([^`]+)` \|.*\| ([^|]+) \|$/gm,
  ),
].map(([, name = '', backup = '']) => ({ name, inBackup: backup.trim() !== 'no' }))

async function publish(t: Cleanup, address: string, token: string, payload: string): Promise<void> {
  const device = await mqtt.connectAsync(address, { username: 'w1', password: token, reconnectPeriod: 0 })
  t.onTestFinished(() => void device.end(true))
  await device.publishAsync(TOPIC, payload, { qos: 1 })
}

interface Kept {
  readonly readings: readonly unknown[]
  readonly alerts: unknown
  readonly rejections: unknown
  readonly ledger: unknown
}

async function keptBy(client: ServerClient): Promise<Kept> {
  await expect.poll(async () => (await client.ledger()).inFlight).toBe(0)
  return {
    readings: await client.points('device=w1&channel=water.ph&from=2026-01-01&to=2100-01-01'),
    alerts: await client.get('/api/v1/alerts'),
    rejections: await client.get('/api/v1/rejections'),
    ledger: await client.ledger(),
  }
}

/** A server that holds a reading, an alert and a rejection, stopped; and what it held. */
async function stoppedServer(t: Cleanup) {
  const { ready, dataDir, kill } = await spawnKeng(t)
  const client = createServerClient(ready.http, dataDir)
  const [device] = await client.register(['w1'])
  const token = device?.token ?? ''
  await publish(t, ready.mqtt, token, `{"boot":"a","seq":1,"values":{"water.ph":${HIGH_PH}}}`)
  await publish(t, ready.mqtt, token, '7,2')
  await expect.poll(async () => (await client.get('/api/v1/alerts')) as unknown).toMatchObject({ items: [{}] })
  const kept = await keptBy(client)
  expect(kept).toMatchObject({ readings: [[expect.anything(), HIGH_PH, []]], rejections: { items: [{}] } })
  const whileRunning = readdirSync(dataDir)
  await kill('SIGTERM')
  return { dataDir, token, kept, whileRunning }
}

describe('docs/operations.md', () => {
  test('names every file of the data folder, while the server runs and after', async (t) => {
    const { dataDir, whileRunning } = await stoppedServer(t)
    const named = files.map(({ name }) => name)
    expect(named.length).toBeGreaterThan(5)
    expect([...whileRunning, ...readdirSync(dataDir)].filter((name) => !named.includes(name))).toEqual([])
  })

  test('tells how to make a backup that holds everything: readings, alerts, accounts and the tokens of devices', async (t) => {
    const { dataDir, token, kept } = await stoppedServer(t)
    const copy = tempDir(t)
    for (const { name, inBackup } of files) {
      if (inBackup && readdirSync(dataDir).includes(name))
        cpSync(join(dataDir, name), join(copy, name), { recursive: true })
    }
    const { ready } = await spawnKeng(t, { dataDir: copy })
    const client = createServerClient(ready.http, copy)
    expect(await keptBy(client)).toEqual(kept)
    await publish(t, ready.mqtt, token, '{"boot":"a","seq":1,"values":{"water.ph":12}}')
    await expect.poll(() => client.ledger()).toMatchObject({ stored: 1, duplicate: 1 })
  })

  test('tells how to build readings, rejections and ledger again from the log', async (t) => {
    const { dataDir, kept } = await stoppedServer(t)
    for (const name of ['series.duckdb', 'series.duckdb.wal']) rmSync(join(dataDir, name), { force: true })
    const { ready } = await spawnKeng(t, { dataDir })
    expect(await keptBy(createServerClient(ready.http, dataDir))).toEqual(kept)
  })
})
