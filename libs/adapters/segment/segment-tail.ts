/** The end of a topic on disk: puts batches into the active segment, begins the next one, and keeps zeros ready in front. */

import type { LogTopic } from '../../core/log/log-topics.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ActiveSegment } from './active-segment.ts'
import { openNewSegment } from './active-segment.ts'
import type { Disk } from './disk.ts'
import { asSyncFailure, isDiskFull } from './disk-errors.ts'

export interface SegmentTailOptions {
  readonly topic: LogTopic
  /** The partition's folder. */
  readonly dir: string
  readonly segmentBytes: number
  /** Zeros that are kept ready behind the position, and how many are written at a time. */
  readonly readyBytes: number
  readonly growBytes: number
  readonly fullRetryMs: number
}

export interface SegmentTailDeps {
  readonly disk: Disk
  readonly clock: Clock
  /** Called after a new segment has begun. */
  readonly onRoll: () => void
}

export interface SegmentTail {
  segment(): ActiveSegment
  /** Writes a batch whose first record has offset `base`, without moving on: a full disk may be tried again. */
  place(bytes: Buffer, length: number, base: number): Promise<void>
  /** Begins a new segment at this offset. */
  startAt(base: number): Promise<void>
  /** Rejects with KENG_LOG_SYNC_FAILED. */
  sync(): Promise<void>
  /** Writes the next zeros, to be synced; false where enough are ready or there is no room. */
  growAhead(): Promise<boolean>
}

export function createSegmentTail(
  deps: SegmentTailDeps,
  options: SegmentTailOptions,
  opened: ActiveSegment,
): SegmentTail {
  const { disk, clock } = deps
  const { segmentBytes, growBytes } = options
  let segment = opened
  let growAgainAt = 0

  async function startAt(base: number): Promise<void> {
    const fresh = await openNewSegment(disk, options.dir, base)
    const old = segment
    segment = fresh
    await old.finish()
    deps.onRoll()
  }

  /** Grows by one step within the segment. A full disk is no error here: the groups themselves will find out. */
  async function grow(): Promise<boolean> {
    const step = Math.min(growBytes, segmentBytes - segment.position() - segment.ready())
    if (step <= 0 || clock.monotonic() < growAgainAt) return false
    try {
      await segment.grow(step)
      return true
    } catch (error) {
      if (!isDiskFull(error)) throw error
      growAgainAt = clock.monotonic() + options.fullRetryMs
      return false
    }
  }

  return {
    segment: () => segment,
    startAt,
    async place(bytes, length, base) {
      if (segment.position() > 0 && segment.position() + length > segmentBytes) await startAt(base)
      await segment.write(bytes, length)
      // Under the same sync as this batch: one of its own beside it could take the error that is meant for the batch.
      if (segment.ready() - length < growBytes) await grow()
    },
    async sync() {
      try {
        await segment.sync()
      } catch (error) {
        throw asSyncFailure(`topic ${options.topic}`, error)
      }
    },
    growAhead: async () => segment.ready() < options.readyBytes && (await grow()),
  }
}
