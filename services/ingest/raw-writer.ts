/** Appends to the raw topic with the log's clock: messages, ticks when it is still, clock steps, changes of devices. */

import { createLogClock, type LogClock, type LogClockStart } from '../../libs/core/log/log-clock.ts'
import {
  encodeClockStep,
  encodeDevice,
  encodeMessage,
  encodeOversized,
  encodeTick,
  type Source,
} from '../../libs/core/log/raw-record.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import type { AppendDone, EventLog, NewRecord } from '../../libs/ports/event-log.ts'

/** A partition that has been still for so long gets a tick (architecture, decision 6). */
export const TICK_MS = 5_000
const RAW = 'keng.raw.v1'

/** A place in the log's time, taken once for all records of an append. */
export interface Stamp {
  readonly time: number
  readonly receivedAt: number
  readonly steppedBy: number
}

export interface RawWriter {
  /** Reads the log's clock. The append that it is for must follow in the same turn of the event loop. */
  stamp(): Stamp
  /** Records made with the stamp; they stay together. */
  append(stamp: Stamp, records: readonly NewRecord[], done: AppendDone): void
  message(cell: string, source: Source, publisher: string, topic: string, payload: Uint8Array, done: AppendDone): void
  /** The start of a packet that was over the limit; `length` is what it announced. */
  oversized(cell: string, publisher: string, topic: string, length: number, head: Uint8Array, done: AppendDone): void
  device(cell: string, entry: Uint8Array, done: AppendDone): void
  /** See LogClock. */
  clockBehindMs(): number
  /** Begins to tick. `key` decides the partition. `onFailed` is told of each tick that could not be written. */
  startTicks(key: string, onFailed: (error: Error) => void): void
  stop(): void
}

export function createRawWriter(
  { log, clock }: { readonly log: EventLog; readonly clock: Clock },
  last: LogClockStart | null,
): RawWriter {
  const logClock: LogClock = createLogClock(last, clock.now(), clock.monotonic())
  let lastAppend = clock.monotonic()
  let cancelTick: (() => void) | null = null

  const stamp = (): Stamp => {
    lastAppend = clock.monotonic()
    return logClock.read(clock.now(), lastAppend)
  }
  const append = ({ time, receivedAt, steppedBy }: Stamp, records: readonly NewRecord[], done: AppendDone) => {
    if (steppedBy === 0) return log.append(RAW, records, done)
    const step = { key: records[0]?.key ?? '', time, value: encodeClockStep(receivedAt, steppedBy) }
    log.append(RAW, [step, ...records], done)
  }
  const appendOne = (key: string, encode: (receivedAt: number) => Uint8Array, done: AppendDone) => {
    const now = stamp()
    append(now, [{ key, time: now.time, value: encode(now.receivedAt) }], done)
  }

  return {
    stamp,
    clockBehindMs: () => logClock.behindMs(),
    append,
    message: (cell, source, publisher, topic, payload, done) =>
      appendOne(cell, (receivedAt) => encodeMessage(source, publisher, topic, receivedAt, payload), done),
    oversized: (cell, publisher, topic, length, head, done) =>
      appendOne(cell, (receivedAt) => encodeOversized(publisher, topic, receivedAt, length, head), done),
    device: (cell, entry, done) => appendOne(cell, (receivedAt) => encodeDevice(receivedAt, entry), done),
    startTicks(key, onFailed) {
      const tick = () => {
        const still = clock.monotonic() - lastAppend
        if (still < TICK_MS) {
          cancelTick = clock.after(TICK_MS - still, tick)
          return
        }
        appendOne(key, encodeTick, (error) => error && onFailed(error))
        cancelTick = clock.after(TICK_MS, tick)
      }
      cancelTick = clock.after(TICK_MS, tick)
    },
    stop() {
      cancelTick?.()
      cancelTick = null
    },
  }
}
