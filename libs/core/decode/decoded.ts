/** What decode makes of the raw log, record by record: the input of the alarm engine, the live stream and the store. */

import type { DeviceEntry } from '../device.ts'
import type { LedgerDelta } from '../ledger.ts'
import type { Reading } from '../reading.ts'
import type { Rejection } from '../rejection.ts'

/** One raw record after decoding. In offset order; every record of the log gives exactly one. */
export interface DecodedRecord {
  readonly partition: number
  readonly offset: number
  /** Log time, epoch milliseconds: never goes back. Timers run on it. */
  readonly time: number
  /** Wall-clock arrival, epoch milliseconds. */
  readonly receivedAt: number
  readonly kind: 'message' | 'tick' | 'clock-step' | 'device'
  /** New and revised readings in event order; duplicates and refused values are not here. */
  readonly readings: readonly Reading[]
  /** The device that was heard live: its message decoded and was not late. Null for ticks, rejections and history. */
  readonly heard: string | null
  /** For `device`: what the registry says from here on. */
  readonly entry?: DeviceEntry | { readonly id: string; readonly deleted: true }
  /** For `clock-step`: milliseconds, negative is back. */
  readonly steppedBy?: number
}

export interface DecodedBatch {
  /** Offset after the last record. */
  readonly next: number
  readonly records: readonly DecodedRecord[]
  readonly rejections: readonly Rejection[]
  readonly ledger: readonly LedgerDelta[]
}
