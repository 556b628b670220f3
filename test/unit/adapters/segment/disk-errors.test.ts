/** A disk that is full or refuses: what the log tells its callers, and that it goes on or stops as it should. */

import { expect, it } from 'vitest'
import type { SegmentEventLog, SegmentEventLogOptions } from '../../../../libs/adapters/segment/segment-event-log.ts'
import { createSegmentEventLog } from '../../../../libs/adapters/segment/segment-event-log.ts'
import type { KengError } from '../../../../libs/core/errors.ts'
import { appendDurably } from '../../../../libs/core/log/append-durably.ts'
import { createVirtualClock } from '../../../../libs/runtime/virtual-clock.ts'
import { turn } from '../../../support/crash-world.ts'
import { createSimulatedDisk } from '../../../support/simulated-disk.ts'

const TOPIC = 'keng.raw.v1'
const RETRY_MS = 250

async function openLog(options: Partial<SegmentEventLogOptions> = {}) {
  const disk = createSimulatedDisk()
  const clock = createVirtualClock(0)
  const fatal: KengError[] = []
  const log = await createSegmentEventLog({
    dir: '/log',
    disk: disk.process().disk,
    clock,
    topics: [TOPIC, 'keng.events.v1'],
    sizes: { [TOPIC]: { segmentBytes: 10_000, readyBytes: 0, growBytes: 0 } },
    fullRetryMs: RETRY_MS,
    onFatal: (error) => fatal.push(error),
    ...options,
  })
  return { disk, clock, log, fatal }
}

const record = (text: string) => ({ key: '', time: 0, value: Buffer.from(text) })

function appendAndListen(log: SegmentEventLog, text: string, told: (string | number)[]): void {
  log.append(TOPIC, [record(text)], (error, offset) => told.push((error as KengError | null)?.code ?? offset))
}

async function turns(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await turn()
}

it('acknowledges nothing while the disk is full, says so, and goes on by itself', async () => {
  const { disk, clock, log, fatal } = await openLog()
  await appendDurably(log, TOPIC, [record('before')])
  disk.setCapacity(disk.used() + 20)
  const told: (string | number)[] = []
  appendAndListen(log, 'x'.repeat(500), told)
  await turns(10)
  appendAndListen(log, 'second', told)
  for (let index = 0; index < 20; index++) {
    clock.advance(RETRY_MS)
    await turns(5)
  }
  expect(told).toEqual([])
  expect(log.status()).toMatchObject({ state: 'full', reason: expect.stringContaining(TOPIC) })
  // Reading goes on meanwhile.
  const texts: number[] = []
  await log.read(TOPIC, (one) => texts.push(one.offset))
  expect(texts).toEqual([0])

  disk.setCapacity(Number.POSITIVE_INFINITY)
  clock.advance(RETRY_MS)
  await expect.poll(() => told).toEqual([1, 2])
  expect(log.status()).toMatchObject({ state: 'ok', reason: null, pendingBytes: 0 })
  expect(fatal).toEqual([])
  await log.close()
})

it('refuses what is appended beyond the bound while the disk is full, and keeps what waits', async () => {
  const { disk, clock, log } = await openLog({ maxPendingBytes: 3000 })
  disk.setCapacity(disk.used())
  const told: (string | number)[] = []
  for (let index = 0; index < 5; index++) appendAndListen(log, 'x'.repeat(1000), told)
  await turns(10)
  expect(told).toEqual(['KENG_LOG_UNAVAILABLE', 'KENG_LOG_UNAVAILABLE', 'KENG_LOG_UNAVAILABLE'])
  expect(log.status().pendingBytes).toBeLessThanOrEqual(3000)
  disk.setCapacity(Number.POSITIVE_INFINITY)
  clock.advance(RETRY_MS)
  await expect.poll(() => told.slice(3)).toEqual([0, 1])
  await log.close()
})

it('gives up at close what never found room', async () => {
  const { disk, log } = await openLog()
  disk.setCapacity(disk.used())
  const told: (string | number)[] = []
  appendAndListen(log, 'a', told)
  await turns(10)
  await log.close()
  expect(told).toEqual(['KENG_LOG_FULL'])
})

it.each(['sync', 'write'] as const)('stops for good at a failed %s: nothing is acknowledged any more', async (kind) => {
  const { disk, log, fatal } = await openLog()
  await appendDurably(log, TOPIC, [record('safe')])
  const told: (string | number)[] = []
  disk.fail(kind, 'EIO')
  for (let index = 0; index < 3; index++) appendAndListen(log, `${index}`, told)
  await turns(20)
  appendAndListen(log, 'later', told)
  await turns(5)
  expect(told).toEqual(Array(4).fill('KENG_LOG_SYNC_FAILED'))
  // One sick file is a sick disk: other topics stop with it.
  await expect(appendDurably(log, 'keng.events.v1', [record('other')])).rejects.toMatchObject({
    code: 'KENG_LOG_SYNC_FAILED',
  })
  expect(fatal.map((error) => error.code)).toEqual(['KENG_LOG_SYNC_FAILED'])
  expect(log.status()).toMatchObject({ state: 'failed', reason: expect.stringContaining('EIO') })
  await log.close()
})

it('refuses an append that could never fit, in its turn', async () => {
  const { log } = await openLog({ maxPendingBytes: 3000 })
  const told: (string | number)[] = []
  appendAndListen(log, 'a', told)
  appendAndListen(log, 'x'.repeat(4000), told)
  appendAndListen(log, 'b', told)
  await expect.poll(() => told).toEqual([0, 'KENG_LOG_TOO_LARGE', 1])
  await log.close()
})

it('says that it does not keep a topic', async () => {
  const { log } = await openLog()
  await expect(appendDurably(log, 'keng.audit.v1', [record('a')])).rejects.toMatchObject({
    code: 'KENG_LOG_TOPIC_UNKNOWN',
  })
  await log.close()
  expect(log.status().state).toBe('closed')
})

it('gives one burst one sync', async () => {
  const groups: number[] = []
  const { log } = await openLog({ observer: { group: (_topic, _bytes, records) => groups.push(records) } })
  const told: (string | number)[] = []
  for (let index = 0; index < 1000; index++) appendAndListen(log, `${index}`, told)
  await expect.poll(() => told.length).toBe(1000)
  expect(groups).toEqual([1000])
  await log.close()
})

it('never splits an append, and bounds a group', async () => {
  const groups: number[] = []
  const { log } = await openLog({
    maxGroupBytes: 1000,
    observer: { group: (_topic, _bytes, records) => groups.push(records) },
  })
  const told: (string | number)[] = []
  const append = (count: number) =>
    log.append(
      TOPIC,
      Array.from({ length: count }, () => record('x'.repeat(100))),
      (_error, offset) => told.push(offset),
    )
  append(3)
  append(20)
  append(5)
  append(5)
  await expect.poll(() => told).toEqual([0, 3, 23, 28])
  expect(groups).toEqual([3, 20, 5, 5])
  await log.close()
})
