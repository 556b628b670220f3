/** The reading half of the log: any number of followers, each with its own position, on the writer's thread or another. */

import { KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'
import { LOG_TOPICS } from '../../core/log/log-topics.ts'
import type { BatchHandler, LogRecord, SubscribeOptions, Subscription, TopicExtent } from '../../ports/event-log.ts'
import type { CommitView, SharedBoard } from './commit-board.ts'
import { createRemoteView } from './commit-board.ts'
import type { Damage } from './damage.ts'
import type { Disk } from './disk.ts'
import { asLogError } from './disk-errors.ts'
import { createNodeDisk } from './node-disk.ts'
import { createSegmentCursor } from './segment-cursor.ts'
import { partitionDir } from './segment-names.ts'
import { createSparseIndex } from './sparse-index.ts'

export interface SegmentReaderDeps {
  readonly disk: Disk
  readonly commits: CommitView
  readonly onDamage: (damage: Damage) => void
}

export interface SegmentReaderOptions {
  readonly dir: string
  /** Whether files are read on the caller's thread: right in a worker, where a read must not queue behind syncs. */
  readonly blocking: boolean
}

/** A follower as retention and compaction see it. */
export interface Follower {
  readonly topic: LogTopic
  /** Offset of the next record that will be handed out. */
  position(): number
}

export interface SegmentReader {
  subscribe(
    topic: LogTopic,
    options: SubscribeOptions,
    handler: BatchHandler,
    onFailed: (error: Error) => void,
  ): Promise<Subscription>
  read(topic: LogTopic, onRecord: (record: LogRecord) => void): Promise<void>
  extent(topic: LogTopic, partition: number): Promise<TopicExtent>
  /** Who follows now. */
  followers(): Iterable<Follower>
  /** Delivers nothing more. Does not wait for handlers: their own subscriptions do. */
  close(): void
}

const DEFAULT_MAX_BYTES = 2 * 1024 * 1024

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

export function createReader(deps: SegmentReaderDeps, options: SegmentReaderOptions): SegmentReader {
  const { commits } = deps
  const followers = new Set<Follower>()
  const stops = new Set<() => void>()
  const indexes = new Map<LogTopic, ReturnType<typeof createSparseIndex>>()
  let closed = false

  function openCursor(topic: LogTopic, from: number, pinned = false) {
    const index = indexes.get(topic) ?? createSparseIndex()
    indexes.set(topic, index)
    const dir = partitionDir(options.dir, topic)
    return createSegmentCursor({ ...deps, index }, { topic, dir, from, blocking: options.blocking, pinned })
  }

  function check(topic: LogTopic, partition: number): void {
    if (closed) throw new KengError('KENG_LOG_CLOSED', `topic ${topic}`)
    if (!commits.has(topic) || partition !== 0) {
      throw new KengError('KENG_LOG_TOPIC_UNKNOWN', `topic ${topic}, partition ${partition}`)
    }
  }

  async function subscribe(
    topic: LogTopic,
    wanted: SubscribeOptions,
    handler: BatchHandler,
    onFailed: (error: Error) => void,
  ): Promise<Subscription> {
    check(topic, 0)
    const { first, end } = commits.read(topic)
    const from = Math.max(wanted.from(0), first)
    if (!(from <= end)) {
      throw new KengError('KENG_LOG_DAMAGED', `topic ${topic} ends at ${end}, but ${wanted.group} wants ${from}`)
    }
    const cursor = openCursor(topic, from)
    const maxBytes = wanted.maxBytes ?? DEFAULT_MAX_BYTES
    const follower: Follower = { topic, position: () => handled }
    let handled = from
    let stopped = false
    let wake: (() => void) | undefined

    const stop = (): void => {
      stopped = true
      wake?.()
    }

    // Not an async function on purpose of speed alone: the loop below awaits it only where nothing is there to read.
    const untilBeyond = (position: number): Promise<void> =>
      new Promise((resolve) => {
        const cancel = commits.onceBeyond(topic, position, resolve)
        wake = () => {
          cancel()
          resolve()
        }
      })

    async function follow(): Promise<void> {
      while (!stopped) {
        const known = commits.read(topic).end
        if (cursor.offset() >= known) {
          await untilBeyond(known)
          continue
        }
        let records: LogRecord[]
        try {
          records = await cursor.next(known, maxBytes)
        } catch (error) {
          throw asLogError(topic, error)
        }
        if (records.length > 0 && !stopped) {
          await handler({ topic, partition: 0, records, end: commits.read(topic).end })
        }
        handled = cursor.offset()
      }
    }

    followers.add(follower)
    stops.add(stop)
    const running = follow()
      .catch((error: unknown) => {
        if (!stopped) onFailed(asError(error))
      })
      .finally(() => {
        followers.delete(follower)
        stops.delete(stop)
        return cursor.close()
      })
      .catch(() => {})
    return {
      commit() {},
      close() {
        stop()
        return running
      },
    }
  }

  async function read(topic: LogTopic, onRecord: (record: LogRecord) => void): Promise<void> {
    check(topic, 0)
    const { first, end } = commits.read(topic)
    const cursor = openCursor(topic, first, LOG_TOPICS[topic].cleanup === 'compact')
    try {
      while (cursor.offset() < end) {
        const records = await cursor.next(end, DEFAULT_MAX_BYTES).catch((error: unknown) => {
          throw asLogError(topic, error)
        })
        for (const record of records) onRecord(record)
      }
    } finally {
      await cursor.close()
    }
  }

  return {
    subscribe,
    read,
    async extent(topic, partition) {
      check(topic, partition)
      const { first, end } = commits.read(topic)
      return { first, end }
    },
    followers: () => followers,
    close() {
      closed = true
      for (const stop of stops) stop()
    },
  }
}

/** What a worker thread is given to read the log of another: `SegmentEventLog.share()` makes it; `board.bell` goes into the transfer list. */
export interface SharedLog {
  readonly dir: string
  readonly board: SharedBoard
}

/** The reading half in a worker thread. Keeps the thread alive until it is closed. */
export function createSegmentReader(
  shared: SharedLog,
  onDamage: (damage: Damage) => void = () => {},
  disk: Disk = createNodeDisk(),
): SegmentReader {
  const commits = createRemoteView(shared.board)
  const report = (damage: Damage): void => {
    // The writer keeps the one list of what is damaged.
    shared.board.bell.postMessage(damage)
    onDamage(damage)
  }
  const reader = createReader({ disk, commits, onDamage: report }, { dir: shared.dir, blocking: true })
  return {
    ...reader,
    close() {
      reader.close()
      commits.close()
    },
  }
}
