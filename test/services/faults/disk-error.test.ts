import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readHealth } from '../../support/health.ts'
import { type Fault, injectFault } from '../../support/inject-fault.ts'
import { openRawMqtt } from '../../support/raw-mqtt.ts'
import { isAbsent } from '../../support/requirement.ts'
import { type KengProcess, spawnKeng } from '../../support/spawn-keng.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { expectEachStoredOnce, startUntiringDevices } from '../../support/untiring-devices.ts'
import { createServerClient } from '../../torture/server-client.ts'

const t = { onTestFinished }
const POLL = { timeout: 30_000 }

const portOf = (mqtt: string): number => Number(new URL(mqtt).port)

/** The file that the server writes messages to now. */
function rawSegment(dataDir: string): string {
  const dir = join(dataDir, 'log', 'keng.raw.v1', '0')
  const newest = readdirSync(dir)
    .filter((name) => name.endsWith('.segment'))
    .sort()
    .at(-1)
  if (newest === undefined) throw new Error(`no segment in ${dir}`)
  return join(dir, newest)
}

function fail(server: KengProcess, fault: Omit<Fault, 'error'>) {
  return injectFault(t, server.child.pid ?? 0, { error: 'EIO', ...fault })
}

/** It must not go on: one line that says why, and status 1. */
async function expectFailStop(server: KengProcess): Promise<void> {
  await expect.poll(() => server.child.exitCode, POLL).toBe(1)
  await server.exited
  expect(server.stderr()).toMatch(/^keng: KENG_LOG_SYNC_FAILED: .*topic keng\.raw\.v1.*EIO.*start again.*\n$/)
}

describe.skipIf(isAbsent('faults'))('a disk that fails', () => {
  test.for(['fdatasync', 'pwrite64'] as const)(
    'at %s under the log: no acknowledgement after it, the process ends and says so, nothing acknowledged is lost',
    async (syscall) => {
      const dataDir = tempDir(t)
      const first = await spawnKeng(t, { dataDir })
      const untiring = await startUntiringDevices(t, createServerClient(first.ready.http, dataDir), {
        port: portOf(first.ready.mqtt),
      })
      await expect.poll(untiring.acknowledged, POLL).toBeGreaterThan(100)
      await fail(first, { syscall, when: 10, path: rawSegment(dataDir) })
      await expectFailStop(first)
      const before = untiring.acknowledged()

      const second = await spawnKeng(t, { dataDir })
      const [lone] = await createServerClient(second.ready.http, dataDir).register(['lone'])
      const device = await openRawMqtt(portOf(second.ready.mqtt))
      onTestFinished(() => device.destroy())
      device.connect({ username: 'lone', password: lone?.token ?? '' })
      device.publish('keng/v1/lone/telemetry', '{"ts":1000000000000,"values":{"device.counter":1}}', 1, 1)
      await expect.poll(() => device.ids('puback'), POLL).toEqual([1])
      await fail(second, { syscall, when: 1, path: rawSegment(dataDir) })
      device.publish('keng/v1/lone/telemetry', '{"ts":1000000000001,"values":{"device.counter":2}}', 1, 2)
      await expectFailStop(second)
      await expect.poll(() => device.closed, POLL).toBe(true)
      expect(device.ids('puback')).toEqual([1])

      const third = await spawnKeng(t, { dataDir })
      untiring.connect(portOf(third.ready.mqtt))
      await expect.poll(untiring.acknowledged, POLL).toBeGreaterThan(before)
      await untiring.finish()
      const client = createServerClient(third.ready.http, dataDir)
      await expectEachStoredOnce(client, untiring.devices)
      // The second was not acknowledged: it may be there, but not before the first.
      expect((await client.values('lone', 'device.counter', 0, Date.now()))[0]).toBe(1)
    },
  )

  test('under the series store alone: acknowledgements go on, and the store begins anew from what it has', async () => {
    const dataDir = tempDir(t)
    const server = await spawnKeng(t, { dataDir })
    const { http, mqtt } = server.ready
    const client = createServerClient(http, dataDir)
    const untiring = await startUntiringDevices(t, client, { port: portOf(mqtt) })
    await expect.poll(async () => (await client.ledger()).stored, POLL).toBeGreaterThan(100)
    const fault = await fail(server, { syscall: 'fsync', when: 1, path: join(dataDir, 'series.duckdb.wal') })
    await expect.poll(fault.count, POLL).toBeGreaterThan(0)
    await expect.poll(async () => (await readHealth(http)).parts.pipeline?.ready, POLL).toBe(false)
    const broken = untiring.acknowledged()
    await expect.poll(untiring.acknowledged, POLL).toBeGreaterThan(broken + 100)
    await fault.end()
    await untiring.finish()
    await expect.poll(async () => (await readHealth(http)).status, POLL).toBe(200)
    await expectEachStoredOnce(client, untiring.devices)
    expect(untiring.cuts).toEqual([])
  })
})
