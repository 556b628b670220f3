/** A raw log and a store in memory, for running a decoder over records in batches of any size. */

import type { DecodedBatch, DecodedRecord, DeviceEvent } from '../../libs/core/decode/decoded.ts'
import { createDecoder, type Decoder, type RawLogRecord } from '../../libs/core/decode/decoder.ts'
import type { PointKey } from '../../libs/core/decode/point-key.ts'
import { DEFAULT_CELL, type DeviceEntry } from '../../libs/core/device.ts'
import type { LedgerCounts } from '../../libs/core/ledger.ts'
import {
  encodeClockStep,
  encodeDevice,
  encodeMessage,
  encodeTick,
  eventTopic,
  telemetryTopic,
} from '../../libs/core/log/raw-record.ts'
import type { Reading } from '../../libs/core/reading.ts'
import type { Rejection } from '../../libs/core/rejection.ts'

/** 2026-03-01T03:00:00Z. */
export const DECODE_START = Date.UTC(2026, 2, 1, 3)

export const device = (id: string, more: Partial<DeviceEntry> = {}): DeviceEntry => ({
  id,
  cell: DEFAULT_CELL,
  ...more,
})

/** One line of a raw log to be: when it arrived, and what. */
export interface Arrival {
  readonly at: number
  readonly telemetry?: unknown
  readonly event?: unknown
  /** Bytes in place of JSON. */
  readonly bytes?: Uint8Array
  readonly device?: string
  readonly publisher?: string
  readonly entry?: DeviceEntry | { readonly id: string; readonly deleted: true }
  readonly steppedBy?: number
}

/** The arrivals as records of the raw log, from offset 0; their log time never goes back. */
export function rawLog(arrivals: readonly Arrival[]): RawLogRecord[] {
  let time = 0
  return arrivals.map((arrival, offset) => {
    time = Math.max(time, arrival.at)
    return { partition: 0, offset, time, value: rawValue(arrival) }
  })
}

function rawValue({ at, telemetry, event, bytes, device: id = 'tram-01', publisher = id, entry, steppedBy }: Arrival) {
  if (entry !== undefined) return encodeDevice(at, Buffer.from(JSON.stringify(entry)))
  if (steppedBy !== undefined) return encodeClockStep(at, steppedBy)
  if (telemetry === undefined && event === undefined && bytes === undefined) return encodeTick(at)
  const topic = event === undefined ? telemetryTopic(id) : eventTopic(id)
  return encodeMessage('mqtt', publisher, topic, at, bytes ?? Buffer.from(JSON.stringify(telemetry ?? event)))
}

export interface DecodeRun {
  readonly records: readonly DecodedRecord[]
  readonly readings: readonly Reading[]
  readonly events: readonly DeviceEvent[]
  readonly rejections: readonly Rejection[]
  /** Counts by `device minute`. */
  readonly ledger: ReadonlyMap<string, LedgerCounts>
  readonly memory: ReadonlyMap<string, string>
  readonly decoder: Decoder
  /** Points that the store was asked for. */
  readonly asked: readonly PointKey[]
  /** What is stored, by `series ts`. */
  readonly stored: ReadonlyMap<string, number>
}

export interface DecodeRunOptions {
  readonly devices?: Iterable<DeviceEntry>
  /** How many records the batches hold, in turn; absent: one batch of all. */
  readonly batches?: readonly number[]
  /** Whether a new decoder goes on from the memory after each batch. */
  readonly restart?: boolean
}

/** Decodes a log, answering the decoder's questions as a store would. */
export function runDecoder(log: readonly RawLogRecord[], options: DecodeRunOptions = {}): DecodeRun {
  const { devices = [device('tram-01')], batches = [log.length], restart = false } = options
  const stored = new Map<string, number>()
  const claimed = new Map<string, number>()
  const memory = new Map<string, string>()
  const asked: PointKey[] = []
  const done: DecodedBatch[] = []
  let decoder = createDecoder({ devices, memory })
  for (let from = 0, turn = 0; from < log.length; turn++) {
    const size = Math.max(1, batches[turn % batches.length] ?? 1)
    const points = decoder.begin(log.slice(from, from + size))
    asked.push(...points)
    const find = (point: PointKey) => (point.claimed ? claimed : stored).get(`${point.series} ${point.ts}`)
    const batch = decoder.finish(points.map(find))
    for (const { readings } of batch.records) {
      for (const { series, ts, claimedTs, value } of readings) {
        stored.set(`${series} ${ts}`, value)
        if (claimedTs !== undefined) claimed.set(`${series} ${claimedTs}`, value)
      }
    }
    for (const [key, text] of decoder.takeMemory()) memory.set(key, text)
    done.push(batch)
    if (restart) decoder = createDecoder({ devices, memory })
    from += size
  }
  const records = done.flatMap((batch) => batch.records)
  return {
    records,
    readings: records.flatMap(({ readings }) => readings),
    events: done.flatMap(({ events }) => events),
    rejections: done.flatMap(({ rejections }) => rejections),
    ledger: sumLedger(done),
    memory,
    decoder,
    asked,
    stored,
  }
}

function sumLedger(batches: readonly DecodedBatch[]): Map<string, LedgerCounts> {
  const sums = new Map<string, LedgerCounts>()
  for (const { device: id, minute, ...counts } of batches.flatMap(({ ledger }) => ledger)) {
    const key = `${id} ${new Date(minute).toISOString()}`
    const sum = sums.get(key) ?? { stored: 0, partial: 0, duplicate: 0, rejected: 0 }
    sums.set(key, {
      stored: sum.stored + counts.stored,
      partial: sum.partial + counts.partial,
      duplicate: sum.duplicate + counts.duplicate,
      rejected: sum.rejected + counts.rejected,
    })
  }
  return sums
}
