/** An EventLog in arrays with one partition: durable when the microtasks have run, in order, read from any offset. */

import type { LogTopic } from '../../../libs/core/log/log-topics.ts'
import type { AppendDone, BatchHandler, EventLog, LogRecord, NewRecord } from '../../../libs/ports/event-log.ts'

export interface ArrayLog extends EventLog {
  records(topic: LogTopic): readonly LogRecord[]
  /** The next append fails with this. */
  failNext(error: Error): void
  /** Ends the subscriptions of a topic with this error. */
  breakReaders(topic: LogTopic, error: Error): void
}

interface Reader {
  readonly topic: LogTopic
  readonly handler: BatchHandler
  readonly onFailed: (error: Error) => void
  next: number
}

export function createArrayLog(): ArrayLog {
  const topics = new Map<LogTopic, LogRecord[]>()
  const readers = new Set<Reader>()
  let failure: Error | null = null

  const of = (topic: LogTopic): LogRecord[] => {
    const records = topics.get(topic) ?? []
    topics.set(topic, records)
    return records
  }

  const deliver = async (reader: Reader): Promise<void> => {
    const records = of(reader.topic).slice(reader.next)
    if (records.length === 0 || !readers.has(reader)) return
    reader.next += records.length
    await reader.handler({ topic: reader.topic, partition: 0, records, end: reader.next })
  }

  const put = (topic: LogTopic, records: readonly NewRecord[], done: AppendDone): void => {
    if (failure !== null) {
      const error = failure
      failure = null
      done(error, -1)
      return
    }
    const kept = of(topic)
    const first = kept.length
    kept.push(...records.map((record, at) => ({ ...record, partition: 0, offset: first + at })))
    done(null, first)
    for (const reader of readers) if (reader.topic === topic) void deliver(reader)
  }

  return {
    records: (topic) => of(topic),
    failNext(error) {
      failure = error
    },
    breakReaders(topic, error) {
      for (const reader of [...readers]) {
        if (reader.topic !== topic) continue
        readers.delete(reader)
        reader.onFailed(error)
      }
    },
    append: (topic, records, done) => queueMicrotask(() => put(topic, records, done)),
    async subscribe(topic, { from }, handler, onFailed) {
      const reader: Reader = { topic, handler, onFailed, next: from(0) }
      readers.add(reader)
      await deliver(reader)
      return {
        commit: () => undefined,
        async close() {
          readers.delete(reader)
        },
      }
    },
    async read(topic, onRecord) {
      for (const record of [...of(topic)]) onRecord(record)
    },
    extent: async (topic) => ({ first: 0, end: of(topic).length }),
    close: async () => undefined,
  }
}
