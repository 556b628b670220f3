/** Writing, recovering and looking up points: the part of the reading store's contract that decode lives on. */

import { describe, expect, it } from 'vitest'

import { FLAG } from '../../libs/core/reading.ts'
import {
  batch,
  MIDNIGHT_UTC,
  MINUTE_MS,
  openStore,
  query,
  reading,
  rejection,
  type StoreFeatures,
  type StorePlace,
} from './store-batches.ts'

const counts = { stored: 1, partial: 2, duplicate: 3, rejected: 4 }

export function readingStoreWritesContract(place: StorePlace, { survivesRestart }: StoreFeatures): void {
  describe('recovering', () => {
    it('an empty store starts at offset 0 with nothing remembered', async (t) => {
      const store = await place(t)()
      t.onTestFinished(() => store.close())
      expect(await store.recover()).toEqual({ offset: 0, memory: new Map() })
    })

    it('a restart goes on from the last batch', async (t) => {
      if (survivesRestart !== true) t.skip(survivesRestart.no)
      const open = place(t)
      const before = await open()
      await before.recover()
      await before.write(
        batch(17, {
          readings: [reading(), reading({ channel: 'nước “sâu”', series: 1, ts: 5, claimedTs: 1, value: 3 })],
          rejections: [rejection('0-16-0')],
          ledger: [{ device: 'ws-01', minute: MIDNIGHT_UTC, ...counts }],
          memory: new Map([
            ['ws-01', 'a1:17'],
            ['it’s "quoted", ở đây', '{"a":1}'],
          ]),
        }),
      )
      await before.write(batch(18, { memory: new Map([['ws-01', 'a1:18']]) }))
      await before.close()

      const after = await open()
      t.onTestFinished(() => after.close())
      expect(await after.recover()).toEqual({
        offset: 18,
        memory: new Map([
          ['ws-01', 'a1:18'],
          ['it’s "quoted", ở đây', '{"a":1}'],
        ]),
      })
      expect(await after.query(query())).toEqual([[MIDNIGHT_UTC, 7.2, []]])
      expect(await after.query(query({ channel: 'nước “sâu”' }))).toEqual([[5, 3, []]])
      expect(await after.find([{ series: 1, ts: 1, claimed: true }])).toEqual([3])
      expect(await after.ledger({})).toEqual(counts)
      expect((await after.rejections({ limit: 10 })).map(({ id }) => id)).toEqual(['0-16-0'])

      await after.write(batch(19, { readings: [reading({ ts: MIDNIGHT_UTC + MINUTE_MS, value: 7.3 })] }))
      expect(await after.query(query())).toHaveLength(2)
    })

    it('a third opening still finds what the first one wrote', async (t) => {
      if (survivesRestart !== true) t.skip(survivesRestart.no)
      const open = place(t)
      for (const offset of [1, 2]) {
        const store = await open()
        await store.recover()
        await store.write(
          batch(offset, {
            readings: [reading({ ts: offset })],
            ledger: [{ device: 'ws-01', minute: MIDNIGHT_UTC, ...counts }],
          }),
        )
        await store.close()
      }
      const store = await open()
      t.onTestFinished(() => store.close())
      expect((await store.recover()).offset).toBe(2)
      expect(await store.query(query())).toHaveLength(2)
      expect(await store.ledger({})).toEqual({ stored: 2, partial: 4, duplicate: 6, rejected: 8 })
    })
  })

  describe('a batch that cannot be written', () => {
    const broken = Object.defineProperty(reading({ ts: MIDNIGHT_UTC + 3 * MINUTE_MS }), 'value', {
      enumerable: true,
      get: () => {
        throw new Error('this value cannot be read')
      },
    })
    const bad = batch(9, {
      readings: [
        reading({ ts: MIDNIGHT_UTC, value: 99, flags: FLAG.revised }),
        reading({ channel: 'water.level', series: 7 }),
        broken,
      ],
      rejections: [rejection('0-8-0')],
      ledger: [{ device: 'ws-01', minute: MIDNIGHT_UTC, ...counts }],
      memory: new Map([['ws-01', 'a1:9']]),
    })

    it('leaves nothing behind, and the store goes on', async (t) => {
      const store = await openStore(t, place)
      await store.write(batch(1, { readings: [reading()], memory: new Map([['ws-01', 'a1:1']]) }))
      await expect(store.write(bad)).rejects.toThrow('cannot be read')

      expect(await store.query(query())).toEqual([[MIDNIGHT_UTC, 7.2, []]])
      expect(await store.query(query({ channel: 'water.level' }))).toEqual([])
      expect(await store.find([{ series: 7, ts: MIDNIGHT_UTC }])).toEqual([undefined])
      expect(await store.ledger({})).toEqual({ stored: 0, partial: 0, duplicate: 0, rejected: 0 })
      expect(await store.rejections({ limit: 10 })).toEqual([])

      await store.write(batch(2, { readings: [reading({ channel: 'water.level', series: 7 })] }))
      expect(await store.query(query({ channel: 'water.level' }))).toEqual([[MIDNIGHT_UTC, 7.2, []]])
      expect(await store.query(query())).toEqual([[MIDNIGHT_UTC, 7.2, []]])
    })

    it('is also one whose condition fails: nothing is seen before the condition holds, nor after it failed', async (t) => {
      const store = await openStore(t, place)
      let hold: () => void = () => {}
      const before = new Promise<void>((resolve) => {
        hold = resolve
      })
      const writing = store.write({ ...batch(1, { readings: [reading()] }), before })
      expect(await store.query(query())).toEqual([])
      hold()
      await writing
      expect(await store.query(query())).toEqual([[MIDNIGHT_UTC, 7.2, []]])
      const failing = Promise.reject(new Error('not durable elsewhere'))
      const next = batch(2, { readings: [reading({ ts: MIDNIGHT_UTC + 1 })] })
      await expect(store.write({ ...next, before: failing })).rejects.toThrow('not durable elsewhere')
      expect(await store.query(query())).toEqual([[MIDNIGHT_UTC, 7.2, []]])
    })

    it('leaves the offset and the memory of the batch before it', async (t) => {
      if (survivesRestart !== true) t.skip(survivesRestart.no)
      const open = place(t)
      const before = await open()
      await before.recover()
      await before.write(batch(1, { readings: [reading()], memory: new Map([['ws-01', 'a1:1']]) }))
      await expect(before.write(bad)).rejects.toThrow('cannot be read')
      await before.close()

      const after = await open()
      t.onTestFinished(() => after.close())
      expect(await after.recover()).toEqual({ offset: 1, memory: new Map([['ws-01', 'a1:1']]) })
      expect(await after.query(query())).toEqual([[MIDNIGHT_UTC, 7.2, []]])
    })
  })

  describe('a batch that must wait for something else', () => {
    it('is not stored before that is durable', async (t) => {
      const store = await openStore(t, place)
      let release = () => {}
      const before = new Promise<void>((resolve) => {
        release = resolve
      })
      const written = store.write(batch(1, { readings: [reading()], before }))
      expect(await store.query(query())).toEqual([])
      expect(await store.find([{ series: 0, ts: MIDNIGHT_UTC }])).toEqual([undefined])
      release()
      await written
      expect(await store.query(query())).toEqual([[MIDNIGHT_UTC, 7.2, []]])
    })

    it('is refused when that fails, and the store goes on', async (t) => {
      const store = await openStore(t, place)
      const before = Promise.reject(new Error('the alerts could not be made durable'))
      await expect(store.write(batch(1, { readings: [reading()], before }))).rejects.toThrow('the alerts could not')
      expect(await store.query(query())).toEqual([])
      await store.write(batch(1, { readings: [reading()] }))
      expect(await store.query(query())).toEqual([[MIDNIGHT_UTC, 7.2, []]])
    })
  })

  describe('a revised reading', () => {
    it('replaces the stored value', async (t) => {
      const store = await openStore(t, place)
      await store.write(batch(1, { readings: [reading(), reading({ ts: MIDNIGHT_UTC + 1 })] }))
      await store.write(batch(2, { readings: [reading({ value: 6.5, flags: FLAG.revised | FLAG.late })] }))
      expect(await store.query(query())).toEqual([
        [MIDNIGHT_UTC, 6.5, ['late', 'revised']],
        [MIDNIGHT_UTC + 1, 7.2, []],
      ])
      expect(await store.find([{ series: 0, ts: MIDNIGHT_UTC }])).toEqual([6.5])
    })

    it('replaces one of its own batch, and the last of several stands', async (t) => {
      const store = await openStore(t, place)
      const revised = (value: number) => reading({ value, flags: FLAG.revised })
      await store.write(
        batch(1, { readings: [reading({ value: 1 }), revised(2), reading({ series: 1, channel: 'b' }), revised(3)] }),
      )
      expect(await store.query(query())).toEqual([[MIDNIGHT_UTC, 3, ['revised']]])
      await store.write(batch(2, { readings: [revised(4), revised(5)] }))
      expect(await store.query(query())).toEqual([[MIDNIGHT_UTC, 5, ['revised']]])
    })

    it('leaves the same time of other series alone', async (t) => {
      const store = await openStore(t, place)
      await store.write(batch(1, { readings: [reading(), reading({ device: 'ws-02', series: 1 })] }))
      await store.write(batch(2, { readings: [reading({ value: 6.5, flags: FLAG.revised })] }))
      expect(await store.query(query({ device: 'ws-02' }))).toEqual([[MIDNIGHT_UTC, 7.2, []]])
    })
  })

  describe('looking points up', () => {
    it('sees every batch whose write has resolved, in the order asked', async (t) => {
      const store = await openStore(t, place)
      for (let offset = 1; offset <= 20; offset++) {
        await store.write(batch(offset, { readings: [reading({ ts: offset, value: offset / 4 })] }))
        const asked = [
          { series: 0, ts: offset },
          { series: 0, ts: 0 },
          { series: 1, ts: offset },
          { series: 0, ts: 1 },
          { series: 0, ts: offset },
        ]
        expect(await store.find(asked)).toEqual([offset / 4, undefined, undefined, 0.25, offset / 4])
      }
    })

    it('answers nothing to no question', async (t) => {
      const store = await openStore(t, place)
      expect(await store.find([])).toEqual([])
    })

    it('finds a suspect reading by the time it claimed, and by the time it is stored at', async (t) => {
      const store = await openStore(t, place)
      const suspect = (ts: number, claimedTs: number, value: number) =>
        reading({ ts, claimedTs, value, flags: FLAG['clock-suspect'] })
      await store.write(batch(1, { readings: [suspect(MIDNIGHT_UTC, 1_000, 1), suspect(MIDNIGHT_UTC + 1, 2_000, 2)] }))
      expect(
        await store.find([
          { series: 0, ts: 1_000, claimed: true },
          { series: 0, ts: 1_000 },
          { series: 0, ts: MIDNIGHT_UTC },
          { series: 0, ts: MIDNIGHT_UTC, claimed: true },
          { series: 1, ts: 1_000, claimed: true },
        ]),
      ).toEqual([1, undefined, 1, undefined, undefined])
    })

    it('of several readings that claimed one time, the last one counts', async (t) => {
      const store = await openStore(t, place)
      for (let offset = 1; offset <= 5; offset++) {
        const readings = [0, 1].map((at) =>
          reading({ ts: MIDNIGHT_UTC + 2 * offset + at, claimedTs: 1_000, value: 2 * offset + at }),
        )
        await store.write(batch(offset, { readings }))
      }
      expect(await store.find([{ series: 0, ts: 1_000, claimed: true }])).toEqual([11])
    })

    it('keeps answers apart when asked at the same time', async (t) => {
      const store = await openStore(t, place)
      const readings = Array.from({ length: 50 }, (_, at) => reading({ ts: at, value: at }))
      await store.write(batch(1, { readings }))
      const answers = await Promise.all(readings.map(({ ts }) => store.find([{ series: 0, ts }])))
      expect(answers.flat()).toEqual(readings.map(({ value }) => value))
    })
  })

  describe('closing', () => {
    it('may be done twice', async (t) => {
      const store = await openStore(t, place)
      await store.close()
      await expect(store.close()).resolves.toBeUndefined()
    })

    it('makes every later call fail with KENG_STORE_UNAVAILABLE', async (t) => {
      const store = await openStore(t, place)
      await store.close()
      const unavailable = { code: 'KENG_STORE_UNAVAILABLE' }
      await expect(store.write(batch(1, { readings: [reading()] }))).rejects.toMatchObject(unavailable)
      await expect(store.find([{ series: 0, ts: 1 }])).rejects.toMatchObject(unavailable)
      await expect(store.query(query())).rejects.toMatchObject(unavailable)
      await expect(store.ledger({})).rejects.toMatchObject(unavailable)
      await expect(store.rejections({ limit: 1 })).rejects.toMatchObject(unavailable)
    })

    it('waits for a write that is under way', async (t) => {
      const store = await openStore(t, place)
      const readings = Array.from({ length: 30_000 }, (_, ts) => reading({ ts }))
      const written = store.write(batch(1, { readings }))
      await store.close()
      await expect(written).resolves.toBeUndefined()
    })
  })
}
