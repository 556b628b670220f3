/** A batch between decode's two phases: read and identified, waiting for what the store knows. */

import type { Outcome } from '../ledger.ts'
import type { Reading } from '../reading.ts'
import type { DeviceState, SeriesState } from './device-state.ts'
import type { PointKey } from './point-key.ts'
import type { RefusedMessages } from './refused-messages.ts'

/** A time given by arrival: tried from `ts` on until one is free. */
export interface Stamp {
  readonly ts: number
  /** Index of the question about the claimed time, or -1. */
  readonly claim: number
  /** Index of the first question about a time from `ts` on; they are asked up to the series' high-water mark. */
  readonly free: number
}

/** A message whose outcome is still open: it has values that can be stored or are known. */
export interface PendingItem {
  readonly device: string
  readonly receivedAt: number
  /** Claimed time, epoch milliseconds; that of arrival where there is none. */
  readonly ts: number
  /** `suspect` and `arrival` are stored at their arrival and have `stamps`. */
  readonly clock: 'good' | 'suspect' | 'arrival'
  /** Flags of every reading of it: late, clock-suspect, calibrating, fault, simulated. */
  readonly flags: number
  /** Series and values side by side. */
  readonly series: readonly SeriesState[]
  readonly values: readonly number[]
  /** Of each value the index of the question about its point, or -1; absent where none needs an answer. */
  readonly asked: readonly number[] | undefined
  readonly stamps: readonly Stamp[] | undefined
  /** Whether some value of it was refused. */
  readonly hasRefused: boolean
  /** The readings of its record, to which its own are added. */
  readonly readings: Reading[]
}

/** The clock was set back: after so many pending items, nothing may wait for later times than this. */
export interface SetBack {
  readonly after: number
  readonly receivedAt: number
}

/** What a batch gathers in its first phase. */
export interface Gathered {
  /** Counts batches: by it a series knows whether it was touched in this one. */
  readonly batch: number
  readonly questions: PointKey[]
  readonly items: PendingItem[]
  readonly refused: RefusedMessages
  count(device: string, receivedAt: number, outcome: Outcome): void
  createSeries(channel: string): SeriesState
  /** The device's memory changed. */
  touch(device: DeviceState): void
}

/** How many times from its arrival on are tried for a reading before it goes behind the newest of its series. */
export const STAMP_TRIES = 8
/** More than this ahead of the arrival, a clock is suspect (contract.md, section 2). */
const AHEAD_MS = 120_000
const YEAR_2000 = Date.UTC(2000, 0, 1)

/** Whether a device cannot have meant this time (contract.md, section 2, `clock-suspect`). */
export const isSuspect = (ts: number, receivedAt: number): boolean => ts < YEAR_2000 || ts - receivedAt > AHEAD_MS
