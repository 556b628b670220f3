/** One topic of the embedded log: its writer, its consumers, and the sweeping of what is no longer wanted. */

import { KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'
import { LOG_TOPICS } from '../../core/log/log-topics.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LogRecord } from '../../ports/event-log.ts'
import { MAX_OFFSET } from './batch-format.ts'
import type { CommitBoard } from './commit-board.ts'
import { compactTopic } from './compact-topic.ts'
import type { ConsumerGroups } from './consumer-groups.ts'
import { createConsumerGroups } from './consumer-groups.ts'
import type { Damage } from './damage.ts'
import type { Disk } from './disk.ts'
import { isDiskFull, messageOf } from './disk-errors.ts'
import type { LogObserver, TopicSizes } from './log-options.ts'
import { recoverTopic } from './recover-topic.ts'
import { retainTopic } from './retain-topic.ts'
import { createSegmentCursor } from './segment-cursor.ts'
import { listPartition, partitionDir, segmentName } from './segment-names.ts'
import type { SegmentReader } from './segment-reader.ts'
import { createSparseIndex } from './sparse-index.ts'
import type { LogHealth, TopicWriter } from './topic-writer.ts'
import { createTopicWriter } from './topic-writer.ts'

export interface TopicDeps {
  readonly disk: Disk
  readonly clock: Clock
  readonly health: LogHealth
  readonly board: CommitBoard
  readonly reader: SegmentReader
  readonly observer: LogObserver | undefined
  readonly onDamage: (damage: Damage) => void
  readonly onFatal: (error: KengError) => void
  readonly newSalt: () => number
}

export interface TopicOptions {
  readonly topic: LogTopic
  /** Folder of the whole log. */
  readonly dir: string
  readonly maxGroupBytes: number
  readonly maxPendingBytes: number
  readonly fullRetryMs: number
  readonly sizes: TopicSizes
}

export interface SegmentTopic {
  readonly writer: TopicWriter
  /** As it was when the topic was opened. */
  readonly newestAtOpen: LogRecord | undefined
  readonly groups: ConsumerGroups
  /** Makes the next offset at least this one, and names what is missing. */
  reach(offset: number): Promise<void>
  /** Retention or compaction, one at a time. Never rejects. */
  sweep(): Promise<void>
  /** Why the last one did not do its work, or null. */
  sweepError(): string | null
  close(): Promise<void>
}

export async function openSegmentTopic(deps: TopicDeps, options: TopicOptions): Promise<SegmentTopic> {
  const { disk, board } = deps
  const { topic, sizes } = options
  const dir = partitionDir(options.dir, topic)
  const recovered = await recoverTopic(deps, topic, dir)
  const { salt } = recovered
  const groups = createConsumerGroups(disk, dir)
  await groups.load()
  board.setSalt(topic, salt)
  board.setFirst(topic, recovered.first)
  board.commit(topic, recovered.end, recovered.segment.base, recovered.segment.position())

  const writer = createTopicWriter(
    {
      ...deps,
      onCommit: (end, segment) => board.commit(topic, end, segment.base, segment.position()),
      onGroup: (bytes, records, syncMs) => deps.observer?.group?.(topic, bytes, records, syncMs),
      onRoll: () => void sweep(),
    },
    { ...options, ...sizes, dir, salt },
    { ...recovered, newestTime: recovered.newest?.time },
  )
  let sweeping: Promise<void> = Promise.resolve()
  let sweepError: string | null = null

  function sweep(): Promise<void> {
    sweeping = sweeping.then(sweepOnce).then(
      () => {
        sweepError = null
      },
      (error: unknown) => {
        // No room to rewrite, or a file that cannot be read now: tried again with the next segment or the next sweep.
        sweepError = messageOf(error)
        if (!(error instanceof KengError) || error.code !== 'KENG_LOG_SYNC_FAILED') return
        if (deps.health.failure !== undefined) return
        deps.health.failure = error
        deps.onFatal(error)
      },
    )
    return sweeping
  }

  async function sweepOnce(): Promise<void> {
    if (deps.health.closing || deps.health.failure !== undefined) return
    await groups.save()
    if (LOG_TOPICS[topic].cleanup === 'compact') return compact()
    const state = { newestTime: writer.newestTime(), floor: groups.slowest() ?? Number.POSITIVE_INFINITY }
    const { retentionMs, maxBytes } = sizes
    const removed = await retainTopic(disk, { dir, salt, retentionMs, maxBytes }, state, (_file, first) =>
      board.setFirst(topic, first),
    )
    if (removed > 0) deps.observer?.removed?.(topic, removed)
  }

  /** The least offset that somebody still wants to see with all its deletions. */
  function slowestReader(): number {
    let slowest = groups.slowest() ?? Number.POSITIVE_INFINITY
    for (const follower of deps.reader.followers()) {
      if (follower.topic === topic) slowest = Math.min(slowest, follower.position())
    }
    return slowest
  }

  async function compact(): Promise<void> {
    const end = writer.segment().base
    if (slowestReader() < end || !(await isWorthCompacting(end))) return
    const index = createSparseIndex()
    const { onDamage } = deps
    await compactTopic(disk, { dir, salt, end }, () =>
      createSegmentCursor({ disk, commits: board.view, index, onDamage }, { topic, dir, from: 0, blocking: false }),
    )
    deps.observer?.compacted?.(topic)
  }

  /** Once the closed segments are as large as the snapshot: then a record is rewritten about twice in its life. */
  async function isWorthCompacting(end: number): Promise<boolean> {
    const { files } = await listPartition(disk, dir)
    let closed = 0
    let snapshot = 0
    for (const { name, kind } of files) {
      if (name === segmentName(end)) continue
      const file = await disk.open(`${dir}/${name}`, 'read')
      if (kind === 'snapshot') snapshot += await file.size()
      else closed += await file.size()
      await file.close()
    }
    return closed > 0 && closed >= snapshot
  }

  async function reach(offset: number): Promise<void> {
    const end = writer.end()
    if (offset <= end) return
    if (!(offset < MAX_OFFSET)) {
      throw new KengError(
        'KENG_LOG_DAMAGED',
        `topic ${topic}: offset ${offset} was asked for, at most ${MAX_OFFSET - 1}`,
      )
    }
    await writer.jump(offset)
    const place = { file: segmentName(offset), fromByte: 0, toByte: 0 } as const
    deps.onDamage({ topic, kind: 'gap', ...place, fromOffset: end, toOffset: offset })
  }

  return {
    writer,
    newestAtOpen: recovered.newest,
    groups,
    reach,
    sweep,
    sweepError: () => sweepError,
    async close() {
      await writer.close()
      await sweeping
      if (deps.health.failure === undefined) await groups.save().catch(ignoreUnsaved)
    },
  }
}

/** An older position only keeps files longer. */
function ignoreUnsaved(error: unknown): void {
  if (!isDiskFull(error)) throw new Error(`consumer groups were not written: ${messageOf(error)}`, { cause: error })
}
