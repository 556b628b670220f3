/** The durable log behind the broker: what every part of the flow is written to and read from. */

import type { LogTopic } from '../core/log/log-topics.ts'

/** A record to append. `value` is borrowed until `done`: the caller must not change it. */
export interface NewRecord {
  /** Decides the partition; order holds within one key. The empty string where a topic has one partition. */
  readonly key: string
  /** Log time in epoch milliseconds: never less than that of the record before it (the ingest clock sees to it). */
  readonly time: number
  /** The bytes; `null` deletes the key of a compacted topic. */
  readonly value: Uint8Array | null
}

export interface LogRecord extends NewRecord {
  readonly partition: number
  /** Position in the partition: 0, 1, 2 …; gaps are possible (compaction, damage that was stepped over). */
  readonly offset: number
}

/** One delivery: records of one partition in offset order, never empty. */
export interface RecordBatch {
  readonly topic: LogTopic
  readonly partition: number
  readonly records: readonly LogRecord[]
  /** Offset after the newest record that was committed when this batch was read: how far behind the reader is. */
  readonly end: number
}

/** `error` is null exactly when all the records are as durable as this log can make them; then `offset` is that of the first. */
export type AppendDone = (error: Error | null, offset: number) => void

export interface SubscribeOptions {
  /** Name of the consumer: retention waits for the slowest group that has subscribed. */
  readonly group: string
  /** First offset wanted in a partition: the reader's own committed position, which it keeps beside its data. */
  readonly from: (partition: number) => number
  /** Aim for batches of no more than this many bytes; one record larger than this still comes alone. */
  readonly maxBytes?: number
}

export interface Subscription {
  /** Says that everything before `offset` is safe in the reader's own store: retention may pass it. */
  commit(partition: number, offset: number): void
  /** Resolves when a handler that is running has ended; no batch is delivered afterwards. May be called twice. */
  close(): Promise<void>
}

/** The next batch of a partition is delivered only after the promise resolves. A rejection ends the subscription (`onFailed`). */
export type BatchHandler = (batch: RecordBatch) => Promise<void>

export interface TopicExtent {
  /** Oldest offset that can still be read. */
  readonly first: number
  /** Offset the next record will get. */
  readonly end: number
}

/**
 * At least once, in order within a partition.
 * Errors come as KengError: KENG_LOG_FULL and KENG_LOG_UNAVAILABLE are worth a retry, KENG_LOG_SYNC_FAILED is not.
 */
export interface EventLog {
  /**
   * Appends records that stay together: after a crash all of them are there or none. `done` is called once, in the
   * order of the calls, never before the records are durable and never synchronously. A callback and not a promise:
   * ingest calls this for each message.
   */
  append(topic: LogTopic, records: readonly NewRecord[], done: AppendDone): void
  /** Delivers what is there from `from` on and then what comes. `onFailed` is told once when it cannot go on. */
  subscribe(
    topic: LogTopic,
    options: SubscribeOptions,
    handler: BatchHandler,
    onFailed: (error: Error) => void,
  ): Promise<Subscription>
  /** Reads a topic once from its oldest record to the end it had when called; for a compacted topic, the newest record of each key at least. */
  read(topic: LogTopic, onRecord: (record: LogRecord) => void): Promise<void>
  extent(topic: LogTopic, partition: number): Promise<TopicExtent>
  /** Resolves when what was appended before is durable or refused. Appends afterwards fail with KENG_LOG_CLOSED. May be called twice. */
  close(): Promise<void>
}
