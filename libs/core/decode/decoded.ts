/** What decode makes of the raw log, record by record: the input of the alarm engine, the live stream and the store. */

import type { DeviceEntry } from '../device.ts'
import type { LedgerDelta } from '../ledger.ts'
import type { Reading } from '../reading.ts'
import type { Rejection } from '../rejection.ts'
import type { EventDetails } from './native-event.ts'

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

/** A new event of a camera, a button or a device; repetitions are counted and not here. */
export interface DeviceEvent extends Readonly<EventDetails> {
  readonly partition: number
  readonly offset: number
  readonly device: string
  /** The sender's own id, where it gave one. */
  readonly id?: string
  /** By which a store recognises a repetition that is older than decode's memory; unique within the device. */
  readonly identity: string
  readonly kind: string
  /** Event time, epoch milliseconds. */
  readonly ts: number
  /** Wall-clock arrival, epoch milliseconds. */
  readonly receivedAt: number
  /** Bits of FLAG: late, clock-suspect, simulated. */
  readonly flags: number
  /** The time the device claimed, where the clock was suspect and `ts` is the arrival. */
  readonly claimedTs?: number
}

export interface DecodedBatch {
  /** Offset after the last record. */
  readonly next: number
  readonly records: readonly DecodedRecord[]
  /** In offset order. */
  readonly events: readonly DeviceEvent[]
  readonly rejections: readonly Rejection[]
  readonly ledger: readonly LedgerDelta[]
}
