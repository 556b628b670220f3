/** What the suites of the reading store write: batches and readings with everything but the point in question filled in. */

import type { Reading } from '../../libs/core/reading.ts'
import type { Rejection } from '../../libs/core/rejection.ts'
import type { Accounts, ReadingStore, ReadingsQuery, StoreBatch } from '../../libs/ports/reading-store.ts'
import type { Cleanup } from '../support/cleanup.ts'

export type Store = ReadingStore & Accounts

export type StorePlace = (t: Cleanup) => () => Promise<Store>

export interface StoreFeatures {
  readonly survivesRestart: true | { readonly no: string }
}

/** 2026-11-22 in Việt Nam began seven hours before this. */
export const MIDNIGHT_UTC = Date.UTC(2026, 10, 22)
export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** A store that is open and recovered, closed with the test. */
export async function openStore(t: Cleanup, place: StorePlace): Promise<Store> {
  const store = await place(t)()
  t.onTestFinished(() => store.close())
  await store.recover()
  return store
}

export const reading = (change: Partial<Reading> = {}): Reading => ({
  device: 'ws-01',
  channel: 'water.ph',
  series: 0,
  ts: MIDNIGHT_UTC,
  value: 7.2,
  receivedAt: MIDNIGHT_UTC + 500,
  flags: 0,
  ...change,
})

export const batch = (offset: number, change: Partial<StoreBatch> = {}): StoreBatch => ({
  offset,
  readings: [],
  rejections: [],
  ledger: [],
  memory: new Map(),
  ...change,
})

export const rejection = (id: string, change: Partial<Rejection> = {}): Rejection => ({
  id,
  device: 'ws-01',
  topic: 'keng/v1/ws-01/telemetry',
  code: 'KENG_DECODE_SYNTAX',
  message: 'the payload is not JSON',
  receivedAt: MIDNIGHT_UTC,
  payload: new TextEncoder().encode('{"ts":'),
  ...change,
})

/** All there is of the usual channel, unless said. */
export const query = (change: Partial<ReadingsQuery> = {}): ReadingsQuery => ({
  device: 'ws-01',
  channel: 'water.ph',
  from: 0,
  to: MIDNIGHT_UTC + 365 * DAY_MS,
  flagged: 'leave-out',
  limit: 100_000,
  ...change,
})
