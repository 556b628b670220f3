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
import type { AppendDone, EventLog } from '../../libs/ports/event-log.ts'

/** A partition that has been still for so long gets a tick (architecture, decision 6). */
export const TICK_MS = 5_000
const RAW = 'keng.raw.v1'

export interface RawWriter {
  message(cell: string, source: Source, publisher: string, topic: string, payload: Uint8Array, done: AppendDone): void
  /** The start of a packet that was over the limit; `length` is what it announced. */
  oversized(cell: string, publisher: string, topic: string, length: number, head: Uint8Array, done: AppendDone): void
  device(cell: string, entry: Uint8Array, done: AppendDone): void
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

  const append = (key: string, encode: (receivedAt: number) => Uint8Array, done: AppendDone) => {
    const monotonic = clock.monotonic()
    const { time, receivedAt, steppedBy } = logClock.read(clock.now(), monotonic)
    lastAppend = monotonic
    if (steppedBy === 0) log.append(RAW, [{ key, time, value: encode(receivedAt) }], done)
    else {
      const step = { key, time, value: encodeClockStep(receivedAt, steppedBy) }
      log.append(RAW, [step, { key, time, value: encode(receivedAt) }], done)
    }
  }

  return {
    message: (cell, source, publisher, topic, payload, done) =>
      append(cell, (receivedAt) => encodeMessage(source, publisher, topic, receivedAt, payload), done),
    oversized: (cell, publisher, topic, length, head, done) =>
      append(cell, (receivedAt) => encodeOversized(publisher, topic, receivedAt, length, head), done),
    device: (cell, entry, done) => append(cell, (receivedAt) => encodeDevice(receivedAt, entry), done),
    startTicks(key, onFailed) {
      const tick = () => {
        const still = clock.monotonic() - lastAppend
        if (still < TICK_MS) {
          cancelTick = clock.after(TICK_MS - still, tick)
          return
        }
        append(key, encodeTick, (error) => error && onFailed(error))
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
