import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readHealth, readMetric } from '../support/health.ts'
import { createSeededRandom } from '../support/seeded-random.ts'
import { spawnKeng } from '../support/spawn-keng.ts'
import { tempDir } from '../support/temp-dir.ts'
import { startUntiringDevices } from '../support/untiring-devices.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type FileBatch, readBatches } from '../torture/read-batches.ts'
import { createServerClient } from '../torture/server-client.ts'

const t = { onTestFinished }
const CHANNEL = 'device.counter'
const GARBAGE_BYTES = 3_000
const SERIES_FILES = ['series.duckdb', 'series.duckdb.wal']
const random = createSeededRandom(20_261_122)
const between = (from: number, to: number): number => from + random.below(to - from)

/** A folder that a server left when it was killed under load, and what had been acknowledged and stored a moment before. */
interface Wreck {
  readonly dataDir: string
  readonly segment: string
  readonly batches: readonly FileBatch[]
  /** `device/seq`. */
  readonly acknowledged: readonly string[]
  readonly produced: ReadonlyMap<string, number>
}

async function wreck(): Promise<Wreck> {
  const shared = { onTestFinished: afterAll }
  const dataDir = tempDir(shared)
  const server = await spawnKeng(shared, { dataDir })
  const client = createServerClient(server.ready.http, dataDir)
  const port = Number(new URL(server.ready.mqtt).port)
  const untiring = await startUntiringDevices(shared, client, { port })
  await waitUntil('the load runs', () => untiring.acknowledged() > 2_000)
  const acknowledged = untiring.devices.flatMap((device) => device.acknowledged.map((seq) => `${device.id}/${seq}`))
  // Whoever asks makes the store commit.
  await waitUntil('that much is stored', async () => (await client.ledger()).stored >= acknowledged.length)
  await waitUntil('more is on its way', () => untiring.acknowledged() > acknowledged.length + 500)
  await server.kill('SIGKILL')
  for (const device of untiring.devices) device.drop()
  const segment = segmentOf(dataDir)
  const batches = readBatches(segment)
  return { dataDir, segment, batches, acknowledged, produced: new Map(untiring.devices.map((d) => [d.id, d.produced])) }
}

function segmentOf(dataDir: string): string {
  const dir = join(dataDir, 'log', 'keng.raw.v1', '0')
  const [name = ''] = readdirSync(dir).filter((file) => file.endsWith('.segment'))
  return join(dir, name)
}

/** Index of the batch that holds the last message acknowledged. */
function lastAcknowledged({ batches, acknowledged }: Wreck): number {
  const names = new Set(acknowledged)
  return batches.findLastIndex(({ messages }) => messages.some((message) => names.has(message)))
}

/** Damages a copy, starts on it, and gives what the server says and serves. */
async function startOnDamaged({ dataDir, produced }: Wreck, damage: (copy: string, segment: string) => void) {
  const copy = join(tempDir(t), 'data')
  cpSync(dataDir, copy, { recursive: true })
  damage(copy, segmentOf(copy))
  const server = await spawnKeng(t, { dataDir: copy })
  const { http } = server.ready
  const client = createServerClient(http, copy)
  await expect.poll(async () => (await client.ledger()).inFlight).toBe(0)
  const stored: string[] = []
  for (const [id, count] of produced) {
    for (const seq of await client.values(id, CHANNEL, 0, Date.now() + count)) stored.push(`${id}/${seq}`)
  }
  const told = () => {
    const lines = server.stdout().split('\n')
    return lines.filter((line) => line.includes('"code":"KENG_LOG_DAMAGED"')).map((line) => JSON.parse(line))
  }
  return { http, client, stored, told }
}

async function expectDamages(http: string, count: number): Promise<void> {
  const { status, parts } = await readHealth(http)
  expect(status).toBe(200)
  expect(parts.log?.detail).toBe(count === 0 ? 'ok' : `ok, ${count} damaged places stepped over`)
  expect(await readMetric(http, 'keng_log_damages_current')).toBe(count)
}

const dropSeries = (copy: string) => {
  for (const file of SERIES_FILES) rmSync(join(copy, file), { force: true })
}

describe('after a power cut', () => {
  let left: Wreck
  beforeAll(async () => {
    left = await wreck()
  })

  const messagesBefore = (at: number) => left.batches.slice(0, at).flatMap(({ messages }) => messages)
  const batchAt = (at: number): FileBatch => {
    const batch = left.batches[at]
    if (batch === undefined) throw new Error(`no batch ${at} of ${left.batches.length}`)
    return batch
  }
  const file = () => basename(left.segment)

  test('in the middle of a batch: it is cut off and named, and everything acknowledged before is served', async () => {
    const at = between(lastAcknowledged(left) + 1, left.batches.length)
    const { fromByte, toByte, fromOffset } = batchAt(at)
    const cutAt = between(fromByte + 1, toByte)
    const { http, stored, told } = await startOnDamaged(left, (copy, segment) => {
      truncateSync(segment, cutAt)
      dropSeries(copy)
    })
    expect([...stored].sort()).toEqual([...new Set(messagesBefore(at))].sort())
    expect(new Set(stored)).toEqual(new Set([...stored, ...left.acknowledged]))
    const place = { topic: 'keng.raw.v1', kind: 'tail', file: file(), fromByte, toByte: cutAt }
    expect(told()).toEqual([expect.objectContaining({ level: 'warn', ...place, fromOffset, toOffset: fromOffset })])
    await expectDamages(http, 0)
  })

  test('that leaves a random tail: it is cut off and named, and everything is served once', async () => {
    const end = batchAt(left.batches.length - 1).toByte
    const { http, stored, told } = await startOnDamaged(left, (_copy, segment) => {
      truncateSync(segment, end)
      appendFileSync(segment, Buffer.from(Array.from({ length: GARBAGE_BYTES }, () => random.below(256))))
    })
    expect([...stored].sort()).toEqual([...new Set(messagesBefore(left.batches.length))].sort())
    const place = { kind: 'tail', file: file(), fromByte: end, toByte: end + GARBAGE_BYTES }
    expect(told()).toEqual([expect.objectContaining({ level: 'warn', ...place })])
    await expectDamages(http, 0)
  })

  test('that flipped a bit long ago: the batch is named as lost, the rest is served, the store is built from it', async () => {
    const at = between(1, lastAcknowledged(left))
    const { fromByte, toByte, fromOffset, toOffset, messages } = batchAt(at)
    const { http, stored, told } = await startOnDamaged(left, (copy, segment) => {
      const bytes = readFileSync(segment)
      const hit = between(fromByte, toByte)
      bytes[hit] = (bytes[hit] ?? 0) ^ (1 << random.below(8))
      writeFileSync(segment, bytes)
      dropSeries(copy)
    })
    const others = left.batches.filter((batch) => batch !== left.batches[at]).flatMap((batch) => batch.messages)
    expect(messages.length).toBeGreaterThan(0)
    expect([...stored].sort()).toEqual([...new Set(others)].sort())
    const place = { topic: 'keng.raw.v1', kind: 'batch', file: file(), fromByte, toByte, fromOffset, toOffset }
    expect(told()).toEqual([expect.objectContaining({ level: 'error', ...place })])
    await expectDamages(http, 1)
  })

  test('on a disk that lied: the store has more than the log, which is named, and both go on', async () => {
    const at = between(1, Math.floor(left.batches.length / 3))
    const { fromByte, toByte, fromOffset } = batchAt(at)
    const { http, client, stored, told } = await startOnDamaged(left, (_copy, segment) =>
      truncateSync(segment, between(fromByte + 1, toByte)),
    )
    expect(new Set(stored).size).toBe(stored.length)
    expect(new Set(stored)).toEqual(new Set([...stored, ...left.acknowledged]))
    expect(told().map(({ kind, fromOffset }) => [kind, fromOffset])).toEqual([
      ['tail', fromOffset],
      ['gap', fromOffset],
    ])
    await expectDamages(http, 1)
    const [id = ''] = left.produced.keys()
    const ts = Date.now()
    const sent = await client.post(`/api/v1/devices/${id}/telemetry`, { ts, values: { 'water.ph': 7 } })
    expect(sent.status).toBe(202)
    await expect.poll(() => client.values(id, 'water.ph', ts, ts + 1)).toEqual([7])
  })
})
