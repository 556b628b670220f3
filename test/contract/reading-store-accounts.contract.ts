/** The ledger and the rejections: the part of the reading store's contract that says what became of messages. */

import { describe, expect, it } from 'vitest'

import type { LedgerDelta } from '../../libs/core/ledger.ts'
import type { RejectionsQuery } from '../../libs/ports/reading-store.ts'
import { batch, MIDNIGHT_UTC, MINUTE_MS, openStore, rejection, type Store, type StorePlace } from './store-batches.ts'

const minute = (at: number) => MIDNIGHT_UTC + at * MINUTE_MS

const delta = (device: string, at: number, stored: number, rejected = 0): LedgerDelta => ({
  device,
  minute: minute(at),
  stored,
  partial: 10 * stored,
  duplicate: 100 * stored,
  rejected,
})

const sum = (stored: number, rejected = 0) => ({
  stored,
  partial: 10 * stored,
  duplicate: 100 * stored,
  rejected,
})

export function readingStoreAccountsContract(place: StorePlace): void {
  describe('the ledger', () => {
    const filled = async (t: Parameters<typeof openStore>[0]) => {
      const store = await openStore(t, place)
      await store.write(batch(1, { ledger: [delta('ws-01', 0, 1), delta('ws-02', 0, 2, 5)] }))
      await store.write(batch(2, { ledger: [delta('ws-01', 0, 4), delta('ws-01', 1, 8), delta('it’s "x"', 2, 16)] }))
      return store
    }

    it('is all zeros when empty', async (t) => {
      const store = await openStore(t, place)
      expect(await store.ledger({})).toEqual(sum(0))
      expect(await store.ledger({ device: 'ws-01' })).toEqual(sum(0))
    })

    it('adds up batches, devices and minutes', async (t) => {
      expect(await (await filled(t)).ledger({})).toEqual(sum(31, 5))
    })

    it('adds up one device', async (t) => {
      const store = await filled(t)
      expect(await store.ledger({ device: 'ws-01' })).toEqual(sum(13))
      expect(await store.ledger({ device: 'it’s "x"' })).toEqual(sum(16))
      expect(await store.ledger({ device: 'ws-03' })).toEqual(sum(0))
    })

    it('adds up whole minutes from the one of from up to the one of to', async (t) => {
      const store = await filled(t)
      expect(await store.ledger({ from: minute(1) })).toEqual(sum(24))
      expect(await store.ledger({ from: minute(1) + 59_999 })).toEqual(sum(24))
      expect(await store.ledger({ to: minute(1) })).toEqual(sum(7, 5))
      expect(await store.ledger({ to: minute(1) + 59_999 })).toEqual(sum(7, 5))
      expect(await store.ledger({ from: minute(1), to: minute(2) })).toEqual(sum(8))
      expect(await store.ledger({ device: 'ws-01', from: minute(0), to: minute(1) })).toEqual(sum(5))
    })
  })

  describe('rejections', () => {
    const all = [
      rejection('0-2-0', { receivedAt: minute(0) }),
      rejection('0-9-0', { receivedAt: minute(1), device: 'ws-02' }),
      rejection('0-9-1', { receivedAt: minute(1), device: 'ws-02', code: 'KENG_DECODE_TIME' }),
      rejection('0-9-10', { receivedAt: minute(1), device: 'ws-02' }),
      rejection('0-10-0', { receivedAt: minute(2), code: 'KENG_DECODE_TIME' }),
      rejection('0-3000000000-0', { receivedAt: minute(3) }),
    ]
    const filled = async (t: Parameters<typeof openStore>[0]) => {
      const store = await openStore(t, place)
      await store.write(batch(10, { rejections: all.slice(0, 4) }))
      await store.write(batch(11, { rejections: all.slice(4) }))
      return store
    }
    const ids = async (store: Store, query: Partial<RejectionsQuery>) =>
      (await store.rejections({ limit: 100, ...query })).map(({ id }) => id)

    it('come newest first', async (t) => {
      const store = await filled(t)
      expect(await ids(store, {})).toEqual(all.map(({ id }) => id).reverse())
    })

    it('keep every field, and the bytes as they were', async (t) => {
      const store = await openStore(t, place)
      const odd = rejection('0-1-0', {
        device: 'trạm "1"',
        topic: "keng/v1/'; DROP TABLE rejections; --",
        message: 'giá trị “x” không đọc được, \\ \u0001',
        payload: Uint8Array.from({ length: 256 }, (_, at) => at),
      })
      const none = rejection('0-2-0', { payload: new Uint8Array(0) })
      await store.write(batch(3, { rejections: [odd, none] }))
      const [newest, oldest] = await store.rejections({ limit: 10 })
      expect({ ...newest, payload: Array.from(newest?.payload ?? [1]) }).toEqual({ ...none, payload: [] })
      expect({ ...oldest, payload: Array.from(oldest?.payload ?? []) }).toEqual({
        ...odd,
        payload: Array.from(odd.payload),
      })
    })

    it('can be asked for by device, code and time of arrival, alone and together', async (t) => {
      const store = await filled(t)
      expect(await ids(store, { device: 'ws-02' })).toEqual(['0-9-10', '0-9-1', '0-9-0'])
      expect(await ids(store, { code: 'KENG_DECODE_TIME' })).toEqual(['0-10-0', '0-9-1'])
      expect(await ids(store, { from: minute(1), to: minute(2) })).toEqual(['0-9-10', '0-9-1', '0-9-0'])
      expect(await ids(store, { device: 'ws-02', code: 'KENG_DECODE_TIME', from: minute(0), to: minute(9) })).toEqual([
        '0-9-1',
      ])
      expect(await ids(store, { device: 'ws-99' })).toEqual([])
    })

    it('can be paged through, the filter kept', async (t) => {
      const store = await filled(t)
      const paged: string[] = []
      for (let after: string | undefined; ; ) {
        const page = await ids(store, { limit: 2, ...(after === undefined ? {} : { after }) })
        if (page.length === 0) break
        paged.push(...page)
        after = page.at(-1)
      }
      expect(paged).toEqual(all.map(({ id }) => id).reverse())
      expect(await ids(store, { device: 'ws-02', after: '0-9-10', limit: 1 })).toEqual(['0-9-1'])
    })

    it('paging does not see what came in the meantime', async (t) => {
      const store = await filled(t)
      await store.write(batch(12, { rejections: [rejection('0-3000000001-0')] }))
      expect(await ids(store, { after: '0-10-0', limit: 1 })).toEqual(['0-9-10'])
    })
  })
}
