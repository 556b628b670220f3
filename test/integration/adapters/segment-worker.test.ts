/** The log in a worker thread: it follows without polling, its event loop stays free, and its appends are durable in the owner. */

import { Worker } from 'node:worker_threads'
import type { TestContext } from 'vitest'
import { expect, it } from 'vitest'
import { shareEventLog } from '../../../libs/adapters/segment/remote-event-log.ts'
import type { SegmentEventLog } from '../../../libs/adapters/segment/segment-event-log.ts'
import { createSegmentEventLog } from '../../../libs/adapters/segment/segment-event-log.ts'
import { appendDurably } from '../../../libs/core/log/append-durably.ts'
import { createSystemClock } from '../../../libs/runtime/system-clock.ts'
import type { WorkerNews } from '../../support/log-worker.ts'
import { tempDir } from '../../support/temp-dir.ts'

// Node 20 reads no TypeScript by itself, and a worker does not inherit who does it for the tests.
const ENTRY = JSON.stringify(new URL('../../support/log-worker.ts', import.meta.url).href)
const BOOT = `import('tsx/esm/api').then(({ register }) => { register(); return import(${ENTRY}) })`

async function startWorker(t: TestContext, log: SegmentEventLog, from: number) {
  const { remote, transferList } = shareEventLog(log)
  const worker = new Worker(BOOT, { eval: true, workerData: { log: remote, from }, transferList })
  const news: WorkerNews[] = []
  worker.on('message', (one: WorkerNews) => news.push(one))
  const ended = new Promise<number>((resolve) => worker.on('exit', resolve))
  t.onTestFinished(async () => void (await worker.terminate()))
  const followed = () => news.findLast((one) => one.news === 'followed')
  return { worker, news, followed, ended }
}

async function openLog(t: TestContext): Promise<SegmentEventLog> {
  const small = { segmentBytes: 64 * 1024, readyBytes: 16 * 1024, growBytes: 8 * 1024 }
  const log = await createSegmentEventLog({
    dir: tempDir(t),
    clock: createSystemClock(),
    sizes: { 'keng.raw.v1': small, 'keng.events.v1': small },
  })
  t.onTestFinished(() => log.close())
  return log
}

const record = (index: number) => ({ key: 'cell', time: index, value: Buffer.from(`${index}`.padEnd(100)) })

it('follows from another thread across many segments, and answers through the owner', async (t) => {
  const log = await openLog(t)
  for (let index = 0; index < 1000; index += 100) {
    await appendDurably(
      log,
      'keng.raw.v1',
      Array.from({ length: 100 }, (_, place) => record(index + place)),
    )
  }
  const { followed, news } = await startWorker(t, log, 0)
  for (let index = 1000; index < 5000; index++) {
    log.append('keng.raw.v1', [record(index)], (error) => expect(error).toBeNull())
    if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await expect.poll(followed).toEqual({ news: 'followed', records: 5000, inOrder: true, acknowledged: 5000 })
  expect(news.filter((one) => one.news === 'failed')).toEqual([])
  expect(await log.extent('keng.events.v1', 0)).toEqual({ first: 0, end: 5000 })
  await expect.poll(() => log.status().topics['keng.raw.v1']?.groups).toEqual({ worker: 5000 })
})

it('keeps the event loop of a sleeping worker free, and wakes it with the next record', async (t) => {
  const log = await openLog(t)
  const { worker, news, followed } = await startWorker(t, log, 0)
  for (let round = 1; round <= 20; round++) {
    worker.postMessage('ping')
    await expect.poll(() => news.filter((one) => one.news === 'pong').length).toBe(round)
    await appendDurably(log, 'keng.raw.v1', [record(round)])
    await expect.poll(followed).toMatchObject({ records: round, inOrder: true })
  }
})

it('begins behind the end where the worker holds more than the log', async (t) => {
  const log = await openLog(t)
  const { worker, news, followed } = await startWorker(t, log, 50)
  worker.postMessage('ping')
  await expect.poll(() => news.length).toBeGreaterThan(0)
  await expect.poll(() => log.extent('keng.raw.v1', 0)).toMatchObject({ end: 50 })
  expect(await appendDurably(log, 'keng.raw.v1', [record(0)])).toBe(50)
  await expect.poll(followed).toMatchObject({ records: 1, inOrder: true })
  expect(log.damage()).toMatchObject([{ kind: 'gap', fromOffset: 0, toOffset: 50 }])
})

it('brings errors back with their code, and lets the thread end when it is closed', async (t) => {
  const log = await openLog(t)
  const { worker, news, ended } = await startWorker(t, log, 0)
  worker.postMessage('append too much')
  await expect.poll(() => news).toContainEqual({ news: 'failed', code: 'KENG_LOG_TOPIC_UNKNOWN' })
  worker.postMessage('close')
  await expect.poll(() => news).toContainEqual({ news: 'closed' })
  expect(await ended).toBe(0)
  // The owner's log is its own.
  expect(await appendDurably(log, 'keng.raw.v1', [record(1)])).toBe(0)
})
