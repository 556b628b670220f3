/** The embedded event log: one append-only file after another for each topic, one write and one fdatasync for all who wait. */

import { randomBytes } from 'node:crypto'
import { KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'
import { LOG_TOPICS } from '../../core/log/log-topics.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventLog, LogRecord, SubscribeOptions, Subscription } from '../../ports/event-log.ts'
import type { CommitBoard } from './commit-board.ts'
import { createCommitBoard } from './commit-board.ts'
import type { Damage } from './damage.ts'
import { createDamageList } from './damage.ts'
import type { Disk } from './disk.ts'
import { asLogError } from './disk-errors.ts'
import type { LogObserver, TopicSizes } from './log-options.ts'
import { sizesOf } from './log-options.ts'
import { createNodeDisk } from './node-disk.ts'
import type { SegmentReader, SharedLog } from './segment-reader.ts'
import { createReader } from './segment-reader.ts'
import type { SegmentTopic, TopicDeps } from './segment-topic.ts'
import { openSegmentTopic } from './segment-topic.ts'
import type { LogHealth } from './topic-writer.ts'

export interface SegmentEventLogOptions {
  /** Folder of the log; made where it is missing. Whoever calls holds its lock. */
  readonly dir: string
  readonly clock: Clock
  readonly disk?: Disk
  /** Default: the topics that LOG_TOPICS keeps in the embedded log. */
  readonly topics?: readonly LogTopic[]
  /** Sizes and ages that differ from the defaults of the topic. */
  readonly sizes?: Partial<Record<LogTopic, Partial<TopicSizes>>>
  /** Default 4 MiB. One append is never split, so that a group may be larger by one append. */
  readonly maxGroupBytes?: number
  /** What may wait to become durable, over all topics, before an append is refused. Default 64 MiB. */
  readonly maxPendingBytes?: number
  /** How often a full disk is tried again. Default 250 ms. */
  readonly fullRetryMs?: number
  /** How often retention and compaction are looked at, beside each new segment. Default 10 minutes. */
  readonly sweepMs?: number
  /** Told once when the log stops for good: the process must not go on as if nothing were. */
  readonly onFatal?: (error: KengError) => void
  readonly onDamage?: (damage: Damage) => void
  readonly observer?: LogObserver
  /** Whole number below 2^32 that a sender cannot foresee; tests make it repeatable. */
  readonly newSalt?: () => number
}

export interface LogStatus {
  readonly state: 'ok' | 'full' | 'failed' | 'closed'
  /** Why it is not ok, or null. */
  readonly reason: string | null
  /** Bytes that wait to become durable. */
  readonly pendingBytes: number
  /** How many damages were found since the start; a tail that a crash left is none. */
  readonly damages: number
  readonly topics: Readonly<Record<string, TopicStatus>>
}

export interface TopicStatus {
  readonly first: number
  readonly end: number
  /** Committed offset of each consumer that retention waits for. */
  readonly groups: Readonly<Record<string, number>>
  /** Why the last look at retention or compaction did not do its work, or null. It is tried again. */
  readonly sweepError: string | null
}

export interface SegmentEventLog extends EventLog {
  status(): LogStatus
  damage(): readonly Damage[]
  /** The topic's newest record when the log was opened, or undefined: the ingest clock goes on from it. */
  newestAtOpen(topic: LogTopic): LogRecord | undefined
  /** What one more worker thread needs to read: give it to `createSegmentReader` there, with `board.bell` in the transfer list. */
  share(): SharedLog
  /** Says that a consumer elsewhere has what lies before `offset`: retention may pass it. */
  commitGroup(topic: LogTopic, group: string, offset: number): void
  /** Forgets a consumer that will not come back, so that retention no longer waits for it. */
  forgetGroup(topic: LogTopic, group: string): void
  /** Makes the topic's next offset at least this: for a consumer that holds more than the log, because the disk lied. */
  reach(topic: LogTopic, offset: number): Promise<void>
  /** Looks at retention and compaction now. */
  sweep(): Promise<void>
}

const MIB = 1024 * 1024
const DEFAULTS = {
  maxGroupBytes: 4 * MIB,
  maxPendingBytes: 64 * MIB,
  fullRetryMs: 250,
  sweepMs: 10 * 60 * 1000,
} as const

const embeddedTopics = (): readonly LogTopic[] =>
  (Object.keys(LOG_TOPICS) as LogTopic[]).filter((topic) => LOG_TOPICS[topic].embedded)

/** Opens the log, recovering what a crash left. Rejects with KENG_LOG_VERSION, KENG_LOG_FULL or KENG_LOG_UNAVAILABLE. */
export async function createSegmentEventLog(options: SegmentEventLogOptions): Promise<SegmentEventLog> {
  const topics = options.topics ?? embeddedTopics()
  const health: LogHealth = { pendingBytes: 0, full: new Set(), failure: undefined, closing: false }
  const board = createCommitBoard(topics)
  const damages = createDamageList((damage) => options.onDamage?.(damage))
  const disk = options.disk ?? createNodeDisk()
  const readerDeps = { disk, commits: board.view, onDamage: damages.add }
  const reader = createReader(readerDeps, { dir: options.dir, blocking: false })
  const deps: TopicDeps = {
    disk,
    clock: options.clock,
    health,
    board,
    reader,
    observer: options.observer,
    onDamage: damages.add,
    onFatal: (error) => options.onFatal?.(error),
    newSalt: options.newSalt ?? (() => randomBytes(4).readUInt32LE(0)),
  }
  const limits = { ...DEFAULTS, ...definedOnly(options) }
  const opened = new Map<LogTopic, SegmentTopic>()
  try {
    for (const topic of topics) {
      const sizes = sizesOf(topic, options.sizes?.[topic])
      const opening = openSegmentTopic(deps, { topic, dir: options.dir, ...limits, sizes })
      const kept = await opening.catch((error: unknown) => {
        throw asLogError(topic, error)
      })
      opened.set(topic, kept)
    }
  } catch (error) {
    for (const topic of opened.values()) await topic.close()
    throw error
  }
  return compose({ ...options, sweepMs: limits.sweepMs }, { health, board, damages, reader, opened })
}

/** Settings that are given: an undefined one means the default. */
function definedOnly(options: SegmentEventLogOptions) {
  const { maxGroupBytes, maxPendingBytes, fullRetryMs, sweepMs } = options
  return {
    ...(maxGroupBytes !== undefined && { maxGroupBytes }),
    ...(maxPendingBytes !== undefined && { maxPendingBytes }),
    ...(fullRetryMs !== undefined && { fullRetryMs }),
    ...(sweepMs !== undefined && { sweepMs }),
  }
}

interface Parts {
  readonly health: LogHealth
  readonly board: CommitBoard
  readonly damages: ReturnType<typeof createDamageList>
  readonly reader: SegmentReader
  readonly opened: ReadonlyMap<LogTopic, SegmentTopic>
}

interface ComposeOptions {
  readonly dir: string
  readonly clock: Clock
  readonly sweepMs: number
}

function compose(options: ComposeOptions, parts: Parts): SegmentEventLog {
  const { health, board, damages, reader, opened } = parts
  let closing: Promise<void> | undefined
  let cancelSweep = (): void => {}

  function topicOf(topic: LogTopic): SegmentTopic {
    const found = opened.get(topic)
    if (found === undefined) throw new KengError('KENG_LOG_TOPIC_UNKNOWN', `topic ${topic}`)
    return found
  }

  async function sweep(): Promise<void> {
    for (const topic of opened.values()) await topic.sweep()
  }

  function sweepLater(): void {
    cancelSweep = options.clock.after(options.sweepMs, () => {
      void sweep().then(() => {
        if (closing === undefined) sweepLater()
      })
    })
  }

  async function subscribe(
    topic: LogTopic,
    wanted: SubscribeOptions,
    ...rest: [Parameters<EventLog['subscribe']>[2], Parameters<EventLog['subscribe']>[3]]
  ): Promise<Subscription> {
    const from = wanted.from(0)
    const kept = topicOf(topic)
    await kept.reach(from)
    const subscription = await reader.subscribe(topic, { ...wanted, from: () => from }, ...rest)
    return {
      commit: (_partition, offset) => kept.groups.commit(wanted.group, offset),
      close: () => subscription.close(),
    }
  }

  async function closeOnce(): Promise<void> {
    health.closing = true
    cancelSweep()
    for (const topic of opened.values()) await topic.close()
    reader.close()
    board.close()
  }

  function state(): Pick<LogStatus, 'state' | 'reason'> {
    if (health.failure !== undefined) return { state: 'failed', reason: health.failure.message }
    if (closing !== undefined) return { state: 'closed', reason: null }
    if (health.full.size === 0) return { state: 'ok', reason: null }
    const reason = new KengError('KENG_LOG_FULL', `topics ${[...health.full].join(', ')} wait for room`).message
    return { state: 'full', reason }
  }

  sweepLater()
  return {
    append(topic, records, done) {
      const kept = opened.get(topic)
      if (kept !== undefined) kept.writer.append(records, done)
      else setImmediate(() => done(new KengError('KENG_LOG_TOPIC_UNKNOWN', `topic ${topic}`), -1))
    },
    subscribe,
    read: (topic, onRecord) => reader.read(topic, onRecord),
    extent: (topic, partition) => reader.extent(topic, partition),
    close() {
      closing ??= closeOnce()
      return closing
    },
    status: () => ({
      ...state(),
      pendingBytes: health.pendingBytes,
      damages: damages.total(),
      topics: Object.fromEntries(
        [...opened].map(([name, topic]) => {
          const { first, end } = board.view.read(name)
          const groups = Object.fromEntries(topic.groups.list())
          return [name, { first, end, groups, sweepError: topic.sweepError() }]
        }),
      ),
    }),
    damage: () => damages.list(),
    newestAtOpen: (topic) => topicOf(topic).newestAtOpen,
    share: () => ({ dir: options.dir, board: board.share((message) => damages.add(message as Damage)) }),
    commitGroup: (topic, group, offset) => topicOf(topic).groups.commit(group, offset),
    forgetGroup: (topic, group) => topicOf(topic).groups.forget(group),
    reach: (topic, offset) => topicOf(topic).reach(offset),
    sweep,
  }
}
