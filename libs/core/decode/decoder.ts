/** Decode: a deterministic fold over the raw log, in two phases so that the store can be asked between them. */

import type { DeviceEntry } from '../device.ts'
import { decodeRaw, type RawMessage } from '../log/raw-record.ts'
import { type FlagName, flagNames, type Reading } from '../reading.ts'
import { createBatchOverlay } from './batch-overlay.ts'
import type { RegistryFact } from './decode-memory.ts'
import type { DecodedBatch, DecodedRecord, DeviceEvent } from './decoded.ts'
import { deviceTopic } from './device-topic.ts'
import { judgeItem, type Known } from './judge-item.ts'
import { createKnownDevices } from './known-devices.ts'
import { createLedgerCounter } from './ledger-counter.ts'
import type { Gathered, SetBack } from './pending.ts'
import type { PointKey } from './point-key.ts'
import { readEvent } from './read-event.ts'
import { readItems } from './read-items.ts'
import { type Refusal, refusal, shown } from './refusal.ts'
import { createRefusedMessages } from './refused-messages.ts'

/** A record of `keng.raw.v1` as the log delivers it. */
export interface RawLogRecord {
  readonly partition: number
  readonly offset: number
  readonly time: number
  readonly value: Uint8Array | null
}

/** A channel's newest trusted reading. Times are epoch milliseconds. */
export interface LatestReading {
  readonly channel: string
  readonly value: number
  readonly ts: number
  readonly receivedAt: number
  readonly flags: readonly FlagName[]
}

/**
 * One decoder a partition. The phases alternate: `begin`, then `finish` with answers that know of all batches before,
 * written or not. Where an answer or a write fails, make a new decoder from the store's memory. What comes out depends
 * on the records alone, not on how they are cut into batches.
 */
export interface Decoder {
  /**
   * Reads records in log order; gives the points whose stored values `finish` needs. Payloads are borrowed until
   * `finish`, and by rejections beyond. Throws RangeError on a record that no version of this program wrote.
   */
  begin(batch: readonly RawLogRecord[]): readonly PointKey[]
  /** `found`: one answer a question, undefined where nothing is stored. */
  finish(found: readonly (number | undefined)[]): DecodedBatch
  /** Entries of memory that changed since the last call; call it between `finish` and the next `begin`. */
  takeMemory(): Map<string, string>
  /** The newest trusted reading of each channel, in order of the channels' first appearance; empty for an unknown device. */
  latest(device: string): readonly LatestReading[]
}

export interface DecoderStart {
  /** What the registry says now; for devices of which the log has spoken, `memory` knows better. */
  readonly devices: Iterable<DeviceEntry>
  /** What `takeMemory` gave, gathered key by key; empty for a new store. */
  readonly memory: ReadonlyMap<string, string>
}

const NO_READINGS: readonly never[] = []

export function createDecoder({ devices, memory }: DecoderStart): Decoder {
  const known = createKnownDevices(devices, memory)
  const ledger = createLedgerCounter()
  const refused = createRefusedMessages()
  let records: DecodedRecord[] = []
  let events: DeviceEvent[] = []
  let setBacks: SetBack[] = []
  let unsorted: Reading[][] = []
  let next = 0
  let gathered = gather(0)

  function gather(batch: number): Gathered {
    const { createSeries, touch } = known
    return { batch, questions: [], items: [], refused, count: ledger.count, createSeries, touch }
  }

  function refuse(record: RawLogRecord, message: RawMessage, device: string, why: Refusal): null {
    refused.add(record, message, device, [why], message.payload)
    ledger.count(device, message.receivedAt, 'rejected')
    return null
  }

  /** Reads a message; the device that was heard live, or null. */
  function readMessage(record: RawLogRecord, message: RawMessage, readings: Reading[]): string | null {
    const { publisher, topic, own } = message
    const other = own === null ? deviceTopic(topic) : undefined
    const kind = own ?? other?.kind
    if (kind === undefined) return refuse(record, message, publisher, refusal('KENG_DECODE_TOPIC', shown(topic)))
    const id = other?.device ?? publisher
    const device = known.get(id)
    if (device?.entry === undefined) {
      return refuse(record, message, id, refusal('KENG_DECODE_DEVICE', shown(id)))
    }
    if (message.cutFrom !== null) {
      const detail = `${message.cutFrom} bytes, of which the first ${message.payload.length} are kept`
      return refuse(record, message, id, refusal('KENG_INGEST_TOO_LARGE', detail))
    }
    if (kind === 'event') return readEvent(record, message, device, gathered, events) ? device.id : null
    const before = gathered.items.length
    const isLive = readItems(record, message, device, gathered, readings)
    if (gathered.items.length - before > 1) unsorted.push(readings)
    return isLive ? device.id : null
  }

  function readRecord(record: RawLogRecord): DecodedRecord {
    const { partition, offset, time, value } = record
    if (value === null) throw new RangeError(`raw record ${offset} holds nothing; a value was expected`)
    const raw = decodeRaw(value)
    const { kind, receivedAt } = raw
    switch (kind) {
      case 'message': {
        const readings: Reading[] = []
        const heard = readMessage(record, raw, readings)
        return { partition, offset, time, receivedAt, kind, readings, heard }
      }
      case 'device': {
        const text = raw.entry.toString('utf8')
        const entry = JSON.parse(text) as RegistryFact
        known.learn(entry, text)
        return { partition, offset, time, receivedAt, kind, readings: NO_READINGS, heard: null, entry }
      }
      case 'clock-step': {
        const { steppedBy } = raw
        if (steppedBy < 0) {
          known.setBackStamps(receivedAt)
          setBacks.push({ after: gathered.items.length, receivedAt })
        }
        return { partition, offset, time, receivedAt, kind, readings: NO_READINGS, heard: null, steppedBy }
      }
      case 'tick':
        return { partition, offset, time, receivedAt, kind, readings: NO_READINGS, heard: null }
    }
  }

  function judge(found: readonly (number | undefined)[]): void {
    const points: Known = {
      found,
      overlay: undefined,
      makeOverlay() {
        const overlay = createBatchOverlay()
        for (const { readings } of records) for (const reading of readings) overlay.add(reading)
        return overlay
      },
    }
    let nextSetBack = 0
    const { items } = gathered
    for (let index = 0; index <= items.length; index++) {
      for (; setBacks[nextSetBack]?.after === index; nextSetBack++) {
        known.setBackNewest(setBacks[nextSetBack]?.receivedAt ?? Number.POSITIVE_INFINITY)
      }
      const item = items[index]
      if (item !== undefined) ledger.count(item.device, item.receivedAt, judgeItem(item, points))
    }
  }

  return {
    begin(batch) {
      gathered = gather(gathered.batch + 1)
      records = []
      events = []
      setBacks = []
      unsorted = []
      for (const record of batch) {
        records.push(readRecord(record))
        next = record.offset + 1
      }
      return gathered.questions
    },

    finish(found) {
      judge(found)
      // A backfill may come newest first. The sort is stable: of two readings of one point the later message stays later.
      for (const readings of unsorted) readings.sort((a, b) => a.ts - b.ts)
      return { next, records, events, rejections: refused.take(), ledger: ledger.take() }
    },

    takeMemory: known.takeMemory,

    latest(device) {
      const all: LatestReading[] = []
      for (const series of known.get(device)?.series.values() ?? []) {
        if (series.latestTs === Number.NEGATIVE_INFINITY) continue
        const { channel, latestValue: value, latestTs: ts, latestReceivedAt: receivedAt } = series
        all.push({ channel, value, ts, receivedAt, flags: flagNames(series.latestFlags) })
      }
      return all
    },
  }
}
