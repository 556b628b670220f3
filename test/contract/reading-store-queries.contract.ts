/** Ranges and buckets: the part of the reading store's contract that people look at. */

import { describe, expect, it } from 'vitest'

import { FLAG, type Reading } from '../../libs/core/reading.ts'
import type { Aggregate } from '../../libs/ports/reading-store.ts'
import {
  batch,
  DAY_MS,
  HOUR_MS,
  MIDNIGHT_UTC,
  MINUTE_MS,
  openStore,
  query,
  reading,
  type StorePlace,
} from './store-batches.ts'

/** 2026-11-22T00:00+07:00. */
const LOCAL_MIDNIGHT = MIDNIGHT_UTC - 7 * HOUR_MS

export function readingStoreQueriesContract(place: StorePlace): void {
  const storeWith = async (t: Parameters<typeof openStore>[0], readings: readonly Reading[]) => {
    const store = await openStore(t, place)
    await store.write(batch(1, { readings }))
    return store
  }

  describe('a range', () => {
    it('includes from, excludes to, and is in time order whatever came first', async (t) => {
      const times = [30, 10, 50, 20, 40]
      const store = await storeWith(
        t,
        times.map((ts) => reading({ ts, value: ts })),
      )
      await store.write(batch(2, { readings: [reading({ ts: 25, value: 25, flags: FLAG['out-of-order'] })] }))
      expect(await store.query(query({ from: 10, to: 40 }))).toEqual([
        [10, 10, []],
        [20, 20, []],
        [25, 25, ['out-of-order']],
        [30, 30, []],
      ])
    })

    it('ends after as many points as asked', async (t) => {
      const store = await storeWith(
        t,
        [5, 4, 3, 2, 1].map((ts) => reading({ ts })),
      )
      const points = await store.query(query({ limit: 2 }))
      expect(points.map(([ts]) => ts)).toEqual([1, 2])
    })

    it('is empty for a series that nobody has heard of', async (t) => {
      const store = await storeWith(t, [reading()])
      expect(await store.query(query({ device: 'ws-99' }))).toEqual([])
      expect(await store.query(query({ channel: 'water.cod' }))).toEqual([])
      const every = { milliseconds: HOUR_MS, fn: 'count' } as const
      expect(await store.query(query({ device: 'ws-99', every }))).toEqual([])
    })

    it('shows untrusted readings with their flags', async (t) => {
      const store = await storeWith(t, [reading({ value: 99, flags: FLAG['out-of-range'] | FLAG.simulated })])
      expect(await store.query(query())).toEqual([[MIDNIGHT_UTC, 99, ['out-of-range', 'simulated']]])
    })

    it('gives values back to the last bit', async (t) => {
      const values = [0.1 + 0.2, -0.0001, 1e-300, 1.7976931348623157e308, 123456789.12345678, -7, 0]
      const store = await storeWith(
        t,
        values.map((value, at) => reading({ ts: MIDNIGHT_UTC + at, value })),
      )
      const points = await store.query(query())
      expect(points.map(([, value]) => value)).toEqual(values)
    })

    it('tells names apart that hold quotes, commas, slashes and Vietnamese letters', async (t) => {
      const names = [
        ["'; DROP TABLE readings; --", 'a,b'],
        ['trạm "Cầu Ông Thìn"', 'nước.độ_mặn'],
        ['a/b', 'c'],
        ['a', 'b/c'],
        ['a', 'b","c'],
        ['a","b', 'c'],
        ['$1', '%_\\'],
      ] as const
      const store = await storeWith(
        t,
        names.map(([device, channel], series) => reading({ device, channel, series, value: series })),
      )
      for (const [series, [device, channel]] of names.entries()) {
        expect(await store.query(query({ device, channel }))).toEqual([[MIDNIGHT_UTC, series, []]])
      }
    })

    it('holds 100,000 points', async (t) => {
      const readings = Array.from({ length: 100_000 }, (_, at) => reading({ ts: at * 1000, value: at / 8 }))
      const store = await storeWith(t, readings)
      const points = await store.query(query())
      expect(points).toHaveLength(100_000)
      expect(points[99_999]).toEqual([99_999_000, 12_499.875, []])
      const every = { milliseconds: DAY_MS, fn: 'count' } as const
      const perDay = await store.query(query({ every }))
      expect(perDay.reduce((sum, [, count]) => sum + count, 0)).toBe(100_000)
    })
  })

  describe('buckets', () => {
    const every = (milliseconds: number, fn: Aggregate = 'count') => ({ every: { milliseconds, fn } })

    it.for([
      ['mean', 4],
      ['min', 1],
      ['max', 9],
      ['last', 2],
      ['count', 3],
    ] as const)('%s of 9, 2 and 1 is %d', async ([fn, expected], t) => {
      // The last by event time is not the last that arrived.
      const store = await storeWith(t, [
        reading({ ts: MIDNIGHT_UTC + 2 * MINUTE_MS, value: 9 }),
        reading({ ts: MIDNIGHT_UTC + 3 * MINUTE_MS, value: 2 }),
        reading({ ts: MIDNIGHT_UTC + MINUTE_MS, value: 1 }),
      ])
      expect(await store.query(query(every(HOUR_MS, fn)))).toEqual([[MIDNIGHT_UTC, expected, []]])
    })

    it('begin at local midnight: a day in Việt Nam starts at 17:00 UTC', async (t) => {
      const store = await storeWith(t, [
        reading({ ts: LOCAL_MIDNIGHT - 1 }),
        reading({ ts: LOCAL_MIDNIGHT }),
        reading({ ts: LOCAL_MIDNIGHT + DAY_MS - 1 }),
        reading({ ts: LOCAL_MIDNIGHT + DAY_MS }),
      ])
      expect(await store.query(query(every(DAY_MS)))).toEqual([
        [LOCAL_MIDNIGHT - DAY_MS, 1, []],
        [LOCAL_MIDNIGHT, 2, []],
        [LOCAL_MIDNIGHT + DAY_MS, 1, []],
      ])
    })

    it('are multiples of their length from local midnight on', async (t) => {
      const store = await storeWith(t, [
        reading({ ts: LOCAL_MIDNIGHT + 8 * HOUR_MS - 1 }),
        reading({ ts: LOCAL_MIDNIGHT + 8 * HOUR_MS }),
        reading({ ts: LOCAL_MIDNIGHT + 23 * HOUR_MS }),
        reading({ ts: LOCAL_MIDNIGHT + DAY_MS + 1 }),
      ])
      const starts = async (milliseconds: number) =>
        (await store.query(query(every(milliseconds)))).map(([ts]) => (ts - LOCAL_MIDNIGHT) / HOUR_MS)
      expect(await starts(8 * HOUR_MS)).toEqual([0, 8, 16, 24])
      expect(await starts(HOUR_MS)).toEqual([7, 8, 23, 24])
      expect(await starts(15 * MINUTE_MS)).toEqual([7.75, 8, 23, 24])
    })

    it('before 1970 begin at local midnight too', async (t) => {
      const store = await storeWith(t, [reading({ ts: -1 }), reading({ ts: -8 * HOUR_MS })])
      const points = await store.query(query({ from: -DAY_MS, ...every(DAY_MS) }))
      expect(points).toEqual([
        [-31 * HOUR_MS, 1, []],
        [-7 * HOUR_MS, 1, []],
      ])
    })

    it('hold only what is in the range, though they begin before it', async (t) => {
      const store = await storeWith(
        t,
        [0, 10, 20, 30, 40].map((at) => reading({ ts: MIDNIGHT_UTC + at * MINUTE_MS })),
      )
      const range = { from: MIDNIGHT_UTC + 10 * MINUTE_MS, to: MIDNIGHT_UTC + 40 * MINUTE_MS }
      expect(await store.query(query({ ...range, ...every(HOUR_MS) }))).toEqual([[MIDNIGHT_UTC, 3, []]])
    })

    it('end after as many as asked, oldest first', async (t) => {
      const store = await storeWith(
        t,
        [3, 2, 1, 0].map((at) => reading({ ts: MIDNIGHT_UTC + at * HOUR_MS })),
      )
      expect(await store.query(query({ ...every(HOUR_MS), limit: 2 }))).toEqual([
        [MIDNIGHT_UTC, 1, []],
        [MIDNIGHT_UTC + HOUR_MS, 1, []],
      ])
    })

    const flagged = [
      reading({ ts: MIDNIGHT_UTC, value: 5, flags: FLAG.late }),
      reading({ ts: MIDNIGHT_UTC + 1, value: 100, flags: FLAG['out-of-range'] }),
      reading({ ts: MIDNIGHT_UTC + 2, value: -100, flags: FLAG['clock-suspect'] }),
      reading({ ts: MIDNIGHT_UTC + 3, value: 300, flags: FLAG.fault | FLAG.simulated }),
      reading({ ts: MIDNIGHT_UTC + HOUR_MS, value: 400, flags: FLAG.fault }),
    ]
    const union = ['late', 'clock-suspect', 'fault', 'out-of-range', 'simulated']

    it.for([
      ['mean', 5],
      ['min', 5],
      ['max', 5],
      ['last', 5],
    ] as const)('leave untrusted readings out of %s, and say so by the union of flags', async ([fn, expected], t) => {
      const store = await storeWith(t, flagged)
      expect(await store.query(query(every(HOUR_MS, fn)))).toEqual([[MIDNIGHT_UTC, expected, union]])
    })

    it.for([
      ['mean', 76.25, 400],
      ['min', -100, 400],
      ['max', 300, 400],
      ['last', 300, 400],
    ] as const)('take untrusted readings into %s when told to', async ([fn, first, second], t) => {
      const store = await storeWith(t, flagged)
      expect(await store.query(query({ ...every(HOUR_MS, fn), flagged: 'include' }))).toEqual([
        [MIDNIGHT_UTC, first, union],
        [MIDNIGHT_UTC + HOUR_MS, second, ['fault']],
      ])
    })

    it('count untrusted readings either way', async (t) => {
      const store = await storeWith(t, flagged)
      for (const take of ['leave-out', 'include'] as const) {
        expect(await store.query(query({ ...every(HOUR_MS), flagged: take }))).toEqual([
          [MIDNIGHT_UTC, 4, union],
          [MIDNIGHT_UTC + HOUR_MS, 1, ['fault']],
        ])
      }
    })
  })
}
