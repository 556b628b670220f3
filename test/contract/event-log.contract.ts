/** What every EventLog promises, run against each adapter; what one cannot promise it says with a reason that is printed. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KengError } from '../../libs/core/errors.ts'
import { appendDurably } from '../../libs/core/log/append-durably.ts'
import type { LogTopic } from '../../libs/core/log/log-topics.ts'
import type { EventLog, LogRecord } from '../../libs/ports/event-log.ts'
import { closeLogContract } from './event-log-close.contract.ts'
import { followLogContract } from './event-log-follow.contract.ts'
import { follow, RAW, REGISTRY, readTexts, record, textOf } from './follow-log.ts'

export interface EventLogHarness {
  readonly log: EventLog
  /** Closes the log and opens it again over what it kept; absent where nothing survives. */
  restart?(): Promise<EventLog>
  /** Makes the log compact a topic now, as far as it can. */
  compact(topic: LogTopic): Promise<void>
  /** Whether a record with this offset would survive a crash at this moment; absent where that cannot be asked. */
  isDurable?(topic: LogTopic, offset: number): boolean
  dispose(): Promise<void>
}

export interface EventLogFeatures {
  /** A reason why not. */
  readonly survivesRestart?: { readonly no: string }
}

export function eventLogContract(
  name: string,
  makeHarness: () => Promise<EventLogHarness>,
  features: EventLogFeatures = {},
): void {
  describe(`${name} as an EventLog`, () => {
    let harness: EventLogHarness
    let log: EventLog

    beforeEach(async () => {
      harness = await makeHarness()
      log = harness.log
    })
    afterEach(() => harness.dispose())

    it('gives records consecutive offsets and reads them back as they were', async () => {
      const records = [record('a', 'x', 1000), record('b', 'y', 1001), record(null, 'x', 5_000_000_000_000), record('')]
      expect(await appendDurably(log, RAW, records)).toBe(0)
      expect(await appendDurably(log, RAW, [record('e', 'họ Nguyễn')])).toBe(4)
      const read: LogRecord[] = []
      await log.read(RAW, (one) => read.push(one))
      const plain = read.map((one) => ({ ...one, value: one.value === null ? null : textOf(one) }))
      expect(plain).toEqual([
        { key: 'x', time: 1000, value: 'a', partition: 0, offset: 0 },
        { key: 'y', time: 1001, value: 'b', partition: 0, offset: 1 },
        { key: 'x', time: 5_000_000_000_000, value: null, partition: 0, offset: 2 },
        { key: 'cell', time: 1_760_000_000_000, value: '', partition: 0, offset: 3 },
        { key: 'họ Nguyễn', time: 1_760_000_000_000, value: 'e', partition: 0, offset: 4 },
      ])
    })

    it('calls done once for each append, in the order of the calls, never within the call', async () => {
      const told: number[] = []
      let within = true
      const all = new Promise<void>((resolve) => {
        for (let index = 0; index < 200; index++) {
          log.append(RAW, [record(`${index}`)], (error, offset) => {
            expect(within).toBe(false)
            expect(error).toBeNull()
            expect(offset).toBe(index)
            told.push(index)
            if (told.length === 200) resolve()
          })
        }
      })
      within = false
      await all
      expect(told).toEqual(Array.from({ length: 200 }, (_, index) => index))
    })

    it('takes the bytes at the call: what the caller does with them later changes nothing', async () => {
      const value = Buffer.from('before')
      const appended = appendDurably(log, RAW, [{ key: '', time: 1, value }])
      await appended
      value.write('after!')
      expect((await readTexts(log, RAW))[0]).toBe('before')
    })

    it('keeps the order within each key', async () => {
      const appends = Array.from({ length: 300 }, (_, index) =>
        appendDurably(log, RAW, [record(`${index}`, `cell-${index % 3}`)]),
      )
      await Promise.all(appends)
      const byKey = new Map<string, number[]>()
      await log.read(RAW, (one) => {
        byKey.set(one.key, [...(byKey.get(one.key) ?? []), Number(textOf(one))])
      })
      expect(byKey.size).toBe(3)
      for (const order of byKey.values()) expect(order).toEqual([...order].sort((a, b) => a - b))
    })

    it('never delivers a record before it is durable', async () => {
      const follower = await follow(log, RAW)
      let acknowledged = 0
      const early: number[] = []
      const subscription = await log.subscribe(
        RAW,
        { group: 'watch', from: () => 0 },
        async (batch) => {
          const newest = batch.records.at(-1)?.offset ?? 0
          if (harness.isDurable !== undefined && !harness.isDurable(RAW, newest)) early.push(newest)
        },
        () => {},
      )
      for (let index = 0; index < 50; index++) {
        log.append(RAW, [record(`${index}`)], () => {
          if (harness.isDurable !== undefined && !harness.isDurable(RAW, index)) early.push(index)
          acknowledged++
        })
      }
      await expect.poll(() => [acknowledged, follower.texts.length]).toEqual([50, 50])
      expect(early).toEqual([])
      await subscription.close()
      await follower.subscription.close()
    })

    it('takes a record of one megabyte', async () => {
      const value = Buffer.alloc(1024 * 1024, 'm')
      await appendDurably(log, RAW, [{ key: '', time: 1, value }])
      await appendDurably(log, REGISTRY, [{ key: 'k', time: 1, value }])
      for (const topic of [RAW, REGISTRY] as const) {
        const lengths: number[] = []
        await log.read(topic, (one) => lengths.push(one.value?.length ?? 0))
        expect(lengths).toEqual([value.length])
      }
    })

    it('delivers ten thousand records once, in order', async () => {
      const follower = await follow(log, RAW)
      for (let index = 0; index < 10_000; index += 10) {
        const records = Array.from({ length: 10 }, (_, place) => record(`${index + place}`))
        log.append(RAW, records, (error) => expect(error).toBeNull())
        if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await expect.poll(() => follower.texts.length).toBe(10_000)
      expect(follower.texts).toEqual(Array.from({ length: 10_000 }, (_, index) => `${index}`))
      await follower.subscription.close()
    })

    it('tells the extent', async () => {
      expect(await log.extent(RAW, 0)).toEqual({ first: 0, end: 0 })
      await appendDurably(log, RAW, [record('a'), record('b')])
      expect(await log.extent(RAW, 0)).toEqual({ first: 0, end: 2 })
      await expect(log.extent(RAW, 1)).rejects.toThrow(KengError)
    })

    it('keeps the newest record of each key through a compaction, and goes on with its offsets', async () => {
      for (let round = 0; round < 30; round++) {
        for (const key of ['a', 'b', 'gone']) await appendDurably(log, REGISTRY, [record(`${key}${round}`, key)])
      }
      await appendDurably(log, REGISTRY, [record(null, 'gone')])
      const before = await log.extent(REGISTRY, 0)
      await harness.compact(REGISTRY)
      const state = new Map<string, string>()
      await log.read(REGISTRY, (one) => {
        if (one.value === null) state.delete(one.key)
        else state.set(one.key, textOf(one))
      })
      expect(Object.fromEntries(state)).toEqual({ a: 'a29', b: 'b29' })
      expect(await appendDurably(log, REGISTRY, [record('a30', 'a')])).toBe(before.end)
    })

    it.skipIf(features.survivesRestart !== undefined)(
      `has everything acknowledged after a restart${features.survivesRestart === undefined ? '' : ` (${features.survivesRestart.no})`}`,
      async () => {
        for (let index = 0; index < 100; index++) await appendDurably(log, RAW, [record(`${index}`)])
        const reopened = await harness.restart?.()
        if (reopened === undefined) throw new Error(`${name} has no restart and gives no reason`)
        expect(await reopened.extent(RAW, 0)).toEqual({ first: 0, end: 100 })
        expect(await readTexts(reopened, RAW)).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`))
        expect(await appendDurably(reopened, RAW, [record('100')])).toBe(100)
      },
    )

    followLogContract(() => log)
    closeLogContract(() => log)
  })
}
