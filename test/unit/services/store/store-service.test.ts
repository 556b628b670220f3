/** When the store service commits: in company, but never waiting for a batch that may not come. */

import { expect, it } from 'vitest'

import { createMemoryReadingStore } from '../../../../libs/adapters/memory/memory-reading-store.ts'
import type { DecodedBatch } from '../../../../libs/core/decode/decoded.ts'
import { createVirtualClock } from '../../../../libs/runtime/virtual-clock.ts'
import { createStoreService } from '../../../../services/store/store-service.ts'

const batch = (next: number, readings = 1): DecodedBatch => ({
  next,
  records: [
    {
      partition: 0,
      offset: next - 1,
      time: next,
      receivedAt: next,
      kind: 'message',
      heard: 'ws-01',
      readings: Array.from({ length: readings }, (_, at) => ({
        device: 'ws-01',
        channel: 'water.ph',
        series: 0,
        ts: next * 1_000 + at,
        value: 7.2,
        receivedAt: next,
        flags: 0,
      })),
    },
  ],
  rejections: [],
  ledger: [],
  events: [],
})

/** A service whose commits finish when `letThrough` is called for them. */
function startService() {
  const clock = createVirtualClock(0)
  const committed: number[] = []
  const waiting: (() => void)[] = []
  const service = createStoreService(
    {
      store: createMemoryReadingStore(),
      clock,
      takeMemory: () => new Map(),
      before: () => new Promise((resolve) => waiting.push(resolve)),
      onCommitted: (offset) => void committed.push(offset),
      onFailed: (error) => {
        throw error
      },
    },
    { lingerMs: 1_000, stillLingerMs: 60_000, commitReadings: 10, maxReadings: 30 },
  )
  const add = async (one: DecodedBatch) => {
    service.enter()
    await service.add(one)
    service.leave()
  }
  return { clock, committed, service, add, letThrough: () => waiting.shift()?.() }
}

it('a batch waits for company as long as it may, and no longer', async () => {
  const { clock, committed, add, letThrough } = startService()
  await add(batch(1))
  clock.advance(999)
  letThrough()
  expect(committed).toEqual([])
  await add(batch(2))
  clock.advance(1)
  letThrough()
  await expect.poll(() => committed).toEqual([2])
})

it('what came during a commit is committed in time, though no other batch comes', async () => {
  const { clock, committed, add, letThrough } = startService()
  await add(batch(1, 10))
  await add(batch(2))
  letThrough()
  await expect.poll(() => committed).toEqual([1])
  clock.advance(1_000)
  letThrough()
  await expect.poll(() => committed).toEqual([1, 2])
})

it('what filled up during a commit is committed right after it', async () => {
  const { committed, add, letThrough } = startService()
  await add(batch(1, 10))
  await add(batch(2, 10))
  letThrough()
  await expect.poll(() => committed).toEqual([1])
  letThrough()
  await expect.poll(() => committed).toEqual([1, 2])
})

/** A tick: time has passed, and nothing came. */
const still = (next: number): DecodedBatch => {
  const [record] = batch(next).records
  return {
    ...batch(next, 0),
    records: record === undefined ? [] : [{ ...record, kind: 'tick', heard: null, readings: [] }],
  }
}

it('ticks alone wait for a minute, and no longer than a second once a reading is with them', async () => {
  const { clock, committed, add, letThrough } = startService()
  await add(still(1))
  clock.advance(1_000)
  letThrough()
  await expect.poll(() => committed).toEqual([1]) // the first commit shows that all is well
  await add(still(2))
  clock.advance(59_999)
  letThrough()
  expect(committed).toEqual([1])
  await add(still(3))
  clock.advance(1)
  letThrough()
  await expect.poll(() => committed).toEqual([1, 3])
  await add(still(4))
  await add(batch(5))
  clock.advance(1_000)
  letThrough()
  await expect.poll(() => committed).toEqual([1, 3, 5])
})
