import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readHealth, readMetric } from '../../support/health.ts'
import { isAbsent } from '../../support/requirement.ts'
import { type SmallDisk, smallDisk } from '../../support/small-disk.ts'
import { runKeng, spawnKeng } from '../../support/spawn-keng.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { expectEachStoredOnce, startUntiringDevices } from '../../support/untiring-devices.ts'
import { createServerClient } from '../../torture/server-client.ts'

const t = { onTestFinished }
const KEEPALIVE_SECONDS = 4
const PATIENCE_MS = (KEEPALIVE_SECONDS / 2) * 1000
/** Who waits too long is looked for once a second; the rest is for a busy machine. Short of the keepalive's own cut, at one and a half times. */
const CUT_SLACK_MS = 3_500
/** So long that the zeros which the log keeps ready are used up soon. */
const PAD_BYTES = 20_000
const POLL = { timeout: 30_000, interval: 100 }

/** Fills it again and again, because the server gives room back now and then, until nothing was acknowledged for a second. */
async function fillForGood(disk: SmallDisk, acknowledged: () => number): Promise<void> {
  let before = -1
  let same = 0
  const look = () => {
    disk.fill()
    const now = acknowledged()
    same = now === before ? same + 1 : 0
    before = now
    return same
  }
  await expect.poll(look, POLL).toBe(10)
}

const portOf = (mqtt: string): number => Number(new URL(mqtt).port)

describe.skipIf(isAbsent('faults'))('a full disk', () => {
  test('stops acknowledgements, cuts who waits, says so, and goes on by itself when there is room', async () => {
    const disk = smallDisk(t, join(tempDir(t), 'data'), 96)
    const server = await spawnKeng(t, { dataDir: disk.dir })
    const { http, mqtt } = server.ready
    const client = createServerClient(http, disk.dir)
    const untiring = await startUntiringDevices(t, client, {
      port: portOf(mqtt),
      keepaliveSeconds: KEEPALIVE_SECONDS,
      padBytes: PAD_BYTES,
    })
    const { devices, cuts, acknowledged } = untiring
    await expect.poll(acknowledged, POLL).toBeGreaterThan(200)
    expect(cuts).toEqual([])

    await fillForGood(disk, acknowledged)
    const stopped = acknowledged()
    const { status, parts } = await readHealth(http)
    expect(status).toBe(503)
    expect(parts.log?.detail).toMatch(/disk under the log is full.*keng\.raw\.v1.*free space/)
    await expect.poll(() => new Set(cuts.map(({ device }) => device)).size, POLL).toBe(devices.length)
    for (const { afterMs } of cuts.slice(0, devices.length)) {
      expect(afterMs).toBeGreaterThan(PATIENCE_MS * 0.9)
      expect(afterMs).toBeLessThan(PATIENCE_MS + CUT_SLACK_MS)
    }
    await expect.poll(() => cuts.length, POLL).toBeGreaterThanOrEqual(2 * devices.length)
    expect(acknowledged()).toBe(stopped)
    expect(await readMetric(http, 'keng_log_ok_state')).toBe(0)
    expect(await readMetric(http, 'keng_log_pending_bytes')).toBeGreaterThan(PAD_BYTES)
    expect(await readMetric(http, 'keng_ingest_refused_total{reason="stuck"}')).toBeGreaterThanOrEqual(
      2 * devices.length,
    )
    await expect.poll(server.stdout).toMatch(/"level":"error".*"part":"log".*disk under the log is full/)

    disk.free()
    await expect.poll(acknowledged, POLL).toBeGreaterThan(stopped + 50)
    await untiring.finish()
    await expect.poll(async () => (await readHealth(http)).status, POLL).toBe(200)
    await expectEachStoredOnce(client, devices)
    // What the device sent again was in the log already.
    expect((await client.ledger()).duplicate).toBeGreaterThan(0)
    await expect.poll(server.stdout).toMatch(/"level":"info".*"part":"log"/)
  })

  test('under the series store alone delays the store, not the acknowledgements, and it catches up by itself', async () => {
    const disk = smallDisk(t, join(tempDir(t), 'data'), 16)
    smallDisk(t, join(disk.dir, 'log'), 96)
    const server = await spawnKeng(t, { dataDir: disk.dir })
    const { http, mqtt } = server.ready
    const client = createServerClient(http, disk.dir)
    const untiring = await startUntiringDevices(t, client, { port: portOf(mqtt), keepaliveSeconds: KEEPALIVE_SECONDS })
    const { devices, cuts, acknowledged } = untiring
    await expect.poll(async () => (await client.ledger()).stored, POLL).toBeGreaterThan(100)

    disk.fill()
    await expect.poll(async () => (await readHealth(http)).parts.pipeline?.ready, POLL).toBe(false)
    const full = acknowledged()
    await expect.poll(acknowledged, POLL).toBeGreaterThan(full + 500)
    const { status, parts } = await readHealth(http)
    expect(status).toBe(503)
    expect(parts.pipeline).toMatchObject({ ready: false, detail: expect.stringContaining('No space left on device') })
    expect(parts.log).toEqual({ ready: true, detail: 'ok' })
    expect(await readMetric(http, 'keng_store_trouble_state')).toBe(1)
    expect(await readMetric(http, 'keng_store_behind_records')).toBeGreaterThan(500)
    await expect.poll(server.stdout).toMatch(/"level":"error".*"part":"pipeline".*No space left/)
    expect(cuts).toEqual([])

    disk.free()
    await untiring.finish()
    await expect.poll(async () => (await readHealth(http)).status, POLL).toBe(200)
    await expectEachStoredOnce(client, devices)
    expect(await readMetric(http, 'keng_store_behind_records')).toBe(0)
    expect(await readMetric(http, 'keng_store_trouble_state')).toBe(0)
  })

  test('lets the server stop, lets none start that could not work, and loses nothing acknowledged', async () => {
    const disk = smallDisk(t, join(tempDir(t), 'data'), 96)
    const server = await spawnKeng(t, { dataDir: disk.dir })
    const client = createServerClient(server.ready.http, disk.dir)
    const untiring = await startUntiringDevices(t, client, { port: portOf(server.ready.mqtt), padBytes: PAD_BYTES })
    await expect.poll(untiring.acknowledged, POLL).toBeGreaterThan(200)
    await fillForGood(disk, untiring.acknowledged)
    const asked = performance.now()
    expect(await server.kill('SIGTERM')).toEqual({ status: 0, signal: null })
    expect(performance.now() - asked).toBeLessThan(10_000)

    disk.fill()
    const refused = await runKeng(t, { args: ['start'], dataDir: disk.dir })
    expect(refused).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^keng: .*ENOSPC.*free space.*\n$/),
    })
    expect(readdirSync(disk.dir).filter((name) => name.startsWith('lock'))).toEqual([])

    disk.free()
    const again = await spawnKeng(t, { dataDir: disk.dir })
    untiring.connect(portOf(again.ready.mqtt))
    await untiring.finish()
    await expectEachStoredOnce(createServerClient(again.ready.http, disk.dir), untiring.devices)
  })
})
