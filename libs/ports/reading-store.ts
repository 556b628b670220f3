/** Where readings and what decode must remember about them are kept. */

import type { PointKey } from '../core/decode/point-key.ts'
import type { LedgerDelta, LedgerSum } from '../core/ledger.ts'
import type { FlagName, Reading } from '../core/reading.ts'
import type { Rejection } from '../core/rejection.ts'

/** What is safe in the store: the position in the log, and decode's memory as it was there. */
export interface Checkpoint {
  /** Offset of the first raw record of partition 0 whose readings are not in the store; 0 for an empty store. */
  readonly offset: number
  /** Decode's memory, key by key, as last committed. */
  readonly memory: ReadonlyMap<string, string>
}

export interface StoreBatch {
  readonly offset: number
  /** New and revised readings; a `revised` one replaces the stored value of its (series, ts), which is kept as a record. */
  readonly readings: readonly Reading[]
  readonly rejections: readonly Rejection[]
  readonly ledger: readonly LedgerDelta[]
  /** Entries of decode's memory that changed since the last batch. */
  readonly memory: ReadonlyMap<string, string>
  /** What must be durable elsewhere before this batch is: awaited before the commit, while rows are prepared. Its rejection refuses the batch. */
  readonly before?: Promise<void>
}

export type { PointKey }

export type Aggregate = 'mean' | 'min' | 'max' | 'last' | 'count'

export interface ReadingsQuery {
  readonly device: string
  readonly channel: string
  /** Epoch milliseconds; `from` inclusive, `to` exclusive. */
  readonly from: number
  readonly to: number
  readonly every?: { readonly milliseconds: number; readonly fn: Aggregate }
  /** Whether untrusted readings take part in mean, min, max and last. */
  readonly flagged: 'leave-out' | 'include'
  readonly limit: number
}

/** Epoch milliseconds, value, flags: sorted by time. Booleans as 0 and 1. */
export type Point = readonly [ts: number, value: number, flags: readonly FlagName[]]

export interface LedgerQuery {
  readonly device?: string
  /** Epoch milliseconds by arrival, taken to whole minutes. */
  readonly from?: number
  readonly to?: number
}

export interface RejectionsQuery extends LedgerQuery {
  readonly code?: string
  readonly limit: number
  /** The `id` after which to go on; newest first. */
  readonly after?: string
}

/**
 * Idempotent by (series, ts). Errors are KengErrors: KENG_STORE_UNAVAILABLE is worth a retry from `recover()`.
 * One writer; queries may run beside it and see whole batches.
 */
export interface ReadingStore {
  /** What a restart goes on from. Call once before anything else. */
  recover(): Promise<Checkpoint>
  /** Resolves when all of the batch is durable together with its offset; rejects with none of it stored. */
  write(batch: StoreBatch): Promise<void>
  /** The stored values at these points, one answer a point, undefined where there is none; sees every batch whose write has resolved. */
  find(points: readonly PointKey[]): Promise<readonly (number | undefined)[]>
  query(query: ReadingsQuery): Promise<readonly Point[]>
  close(): Promise<void>
}

/** What became of messages, as committed; the count in flight is added by who knows the log. */
export interface Accounts {
  ledger(query: LedgerQuery): Promise<Omit<LedgerSum, 'inFlight' | 'received'>>
  rejections(query: RejectionsQuery): Promise<readonly Rejection[]>
}
