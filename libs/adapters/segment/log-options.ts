/** Sizes and ages of each topic in the embedded log, and what can be observed of it. */

import type { LogTopic } from '../../core/log/log-topics.ts'
import { LOG_TOPICS } from '../../core/log/log-topics.ts'

export interface TopicSizes {
  /** A segment is closed when the next batch would make it larger. */
  readonly segmentBytes: number
  /** Zeros that are kept ready behind the last batch. */
  readonly readyBytes: number
  /** Zeros that are written at a time. */
  readonly growBytes: number
  /** Age at which a record may go, in milliseconds against the newest record; undefined keeps for ever. */
  readonly retentionMs: number | undefined
  /** Bytes above which the oldest segments go whatever their age; undefined is no limit. */
  readonly maxBytes: number | undefined
}

/** Counts for metrics. Called on the hot path, once a group. */
export interface LogObserver {
  /** One write and one sync: bytes of the batch, records in it, milliseconds that the sync took. */
  group?(topic: LogTopic, bytes: number, records: number, syncMs: number): void
  /** Files that retention removed. */
  removed?(topic: LogTopic, files: number): void
  compacted?(topic: LogTopic): void
}

const KIB = 1024
const MIB = 1024 * KIB
const MS_PER_DAY = 24 * 60 * 60 * 1000

// Raw messages come by the ten thousand a second; the others now and then, and eight times 64 MiB would fill a small card.
const RAW = { segmentBytes: 64 * MIB, readyBytes: 8 * MIB, growBytes: MIB } as const
const SMALL = { segmentBytes: 8 * MIB, readyBytes: 256 * KIB, growBytes: 64 * KIB } as const
const COMPACTED = { segmentBytes: MIB, readyBytes: 256 * KIB, growBytes: 64 * KIB } as const

export function sizesOf(topic: LogTopic, given: Partial<TopicSizes> = {}): TopicSizes {
  const { cleanup, retentionDays } = LOG_TOPICS[topic]
  const sizes = topic === 'keng.raw.v1' ? RAW : cleanup === 'compact' ? COMPACTED : SMALL
  const retentionMs = retentionDays === undefined ? undefined : retentionDays * MS_PER_DAY
  return { ...sizes, retentionMs, maxBytes: undefined, ...given }
}
