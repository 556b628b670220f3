import { describe, expect, test } from 'vitest'
import { createMemoryEventLog } from '../../../../libs/adapters/memory/memory-event-log.ts'
import { createMemoryReadingStore } from '../../../../libs/adapters/memory/memory-reading-store.ts'
import { KengError } from '../../../../libs/core/errors.ts'
import { appendDurably } from '../../../../libs/core/log/append-durably.ts'
import { encodeMessage, telemetryTopic } from '../../../../libs/core/log/raw-record.ts'
import type { EventLog } from '../../../../libs/ports/event-log.ts'
import { createVirtualClock } from '../../../../libs/runtime/virtual-clock.ts'
import { supervisePipeline } from '../../../../services/all-in-one/supervise-pipeline.ts'

const NOW = Date.UTC(2026, 10, 22)
const LONGEST_WAIT_MS = 60_000

/** Lets everything that does not wait for the clock happen. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A pipeline whose store may be told to fail; `opened` counts its runs. */
async function start(log: EventLog = createMemoryEventLog()) {
  const clock = createVirtualClock(NOW)
  const kept = createMemoryReadingStore()
  const store = { opened: 0, writes: 0, closed: 0, failing: false, cannotOpen: null as Error | null }
  const pipeline = await supervisePipeline({
    log,
    clock,
    devices: [],
    rules: [],
    async openStore() {
      store.opened++
      if (store.cannotOpen !== null) throw store.cannotOpen
      return {
        ...kept,
        async write(batch) {
          store.writes++
          if (store.failing) throw new KengError('KENG_STORE_UNAVAILABLE', 'no space left')
          return kept.write(batch)
        },
        async close() {
          store.closed++
        },
      }
    },
  })
  /** Lets time pass until the store is opened or written once more; gives the milliseconds. */
  const next = async (what: 'opened' | 'writes'): Promise<number> => {
    const before = store[what]
    for (let waited = 0; waited < LONGEST_WAIT_MS; ) {
      clock.advance(100)
      waited += 100
      await settle()
      if (store[what] > before) return waited
    }
    throw new Error(`not ${what} within ${LONGEST_WAIT_MS} ms`)
  }
  /** A message comes, and the store gets it. */
  const commit = async () => {
    const value = encodeMessage('mqtt', 'a', telemetryTopic('a'), clock.now(), Buffer.from('{}'))
    await appendDurably(log, 'keng.raw.v1', [{ key: 'a', time: clock.now(), value }])
    await settle()
    await next('writes')
  }
  return { pipeline, store, clock, next, commit }
}

describe('a store that fails', () => {
  test('is opened anew later and later, though every run decodes what is there', async () => {
    const { store, next, commit } = await start()
    store.failing = true
    await commit()
    const waits: number[] = []
    for (let run = 1; run <= 8; run++) {
      waits.push(await next('opened'))
      await next('writes')
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(store.closed).toBe(8)
  })

  test('is in the state until something is committed again, with the offset that was', async () => {
    const { pipeline, store, next, commit } = await start()
    await commit()
    expect(await pipeline.state()).toEqual({ committed: 1, end: 1, trouble: null })
    store.failing = true
    await commit()
    const trouble = expect.stringContaining('no space left')
    expect(await pipeline.state()).toEqual({ committed: 1, end: 2, trouble })
    await expect(pipeline.ledger({})).rejects.toMatchObject({ code: 'KENG_STORE_UNAVAILABLE' })
    store.failing = false
    await next('opened')
    expect(await pipeline.state()).toEqual({ committed: 1, end: 2, trouble })
    await next('writes')
    expect(await pipeline.state()).toEqual({ committed: 2, end: 2, trouble: null })
    store.failing = true
    await commit()
    expect(await next('opened'), 'the wait begins anew after a commit').toBe(500)
  })

  test('is closed when the pipeline stops, however far the run came', async () => {
    const { pipeline, store, commit } = await start()
    store.failing = true
    await commit()
    await pipeline.stop()
    expect([store.opened, store.closed]).toEqual([1, 1])
  })
})

test('an error that no retry mends is told also to who listens only later, and nothing begins anew', async () => {
  const log = createMemoryEventLog()
  const broken: EventLog = {
    ...log,
    read: async () => Promise.reject(new KengError('KENG_DATA_DIR_NEWER', 'version 9')),
  }
  const { pipeline, store, clock } = await start(broken)
  const told: Error[] = []
  pipeline.onFatal((error) => told.push(error))
  expect(told).toEqual([expect.objectContaining({ code: 'KENG_DATA_DIR_NEWER' })])
  clock.advance(LONGEST_WAIT_MS)
  await settle()
  expect(store.opened).toBe(1)
  expect((await pipeline.state()).trouble).toContain('version 9')
})
