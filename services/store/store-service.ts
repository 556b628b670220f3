/** Gathers what decode made and commits it with its offset: rows, ledger, rejections and decode's memory in one go. */

import type { DecodedBatch } from '../../libs/core/decode/decoded.ts'
import type { LedgerCounts, LedgerDelta } from '../../libs/core/ledger.ts'
import type { Reading } from '../../libs/core/reading.ts'
import type { Rejection } from '../../libs/core/rejection.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import type { LedgerQuery, PointKey, ReadingStore } from '../../libs/ports/reading-store.ts'
import { findPending } from './find-pending.ts'

export interface StoreServiceDeps {
  readonly store: ReadingStore
  readonly clock: Clock
  /** Decode's memory that changed since the last call, as of the batch that was added last. */
  readonly takeMemory: () => ReadonlyMap<string, string>
  /** Must be durable before the offset is: what other readers of the same batches keep. */
  readonly before: (offset: number) => Promise<void>
  readonly onCommitted: (offset: number) => void
  readonly onFailed: (error: unknown) => void
}

export interface StoreServiceOptions {
  /** A commit waits so long for company: each one costs a sync, and at a commune's pace that is a flash card's life. */
  readonly lingerMs: number
  /** The same where only time has passed (ticks): nothing is lost by reading those again after a restart. */
  readonly stillLingerMs: number
  /** Readings that make a commit at once. */
  readonly commitReadings: number
  /** Readings held in memory, in the commit that runs and the next; at the bound `add` waits. */
  readonly maxReadings: number
}

export interface StoreService {
  /** Takes a batch; resolves when there is room for the next. */
  add(batch: DecodedBatch): Promise<void>
  /** Stored values at these points, committed or not. */
  find(points: readonly PointKey[]): Promise<readonly (number | undefined)[]>
  /** Between these two decode works on a batch and its memory is not that of a whole number of batches. */
  enter(): void
  leave(): void
  /** Commits everything added so far. */
  flush(): Promise<void>
  /** Counts added and not yet committed. */
  pendingMessages(query: LedgerQuery): number
  /** Whether a commit runs: what it writes may be seen in the store before `onCommitted` says so. */
  readonly isCommitting: boolean
  /** Resolves when no commit runs that runs now. */
  settled(): Promise<void>
  stop(): void
  readonly pendingReadings: number
}

interface Pending {
  offset: number
  readonly readings: Reading[]
  readonly rejections: Rejection[]
  /** Of the rejections, in readings. */
  rejectionWeight: number
  readonly ledger: Map<string, LedgerDelta>
}

/** What a rejection weighs in readings: itself, and its payload, of which one device can send megabytes a second. */
const REJECTION_WEIGHT = 20
const PAYLOAD_BYTES_PER_READING = 256

const emptyPending = (): Pending => ({
  offset: -1,
  readings: [],
  rejections: [],
  rejectionWeight: 0,
  ledger: new Map(),
})
const isStill = ({ readings, rejections, ledger }: Pending): boolean =>
  readings.length === 0 && rejections.length === 0 && ledger.size === 0
const messagesOf = (counts: LedgerCounts): number => counts.stored + counts.partial + counts.duplicate + counts.rejected

export function createStoreService(deps: StoreServiceDeps, options: StoreServiceOptions): StoreService {
  const { store, clock, takeMemory, before, onCommitted, onFailed } = deps
  let pending = emptyPending()
  let committing: Pending | null = null
  let running: Promise<void> | null = null
  let cancelTimer: (() => void) | null = null
  let timerMs = 0
  let hasCommitted = false
  let busy = false
  let due = false
  let failed = false
  let stopped = false
  const untilIdle: (() => void)[] = []

  const weightOf = ({ readings, rejectionWeight }: Pending) => readings.length + rejectionWeight
  const heldReadings = () => weightOf(pending) + (committing === null ? 0 : weightOf(committing))

  /** Starts a commit of what is pending; only between batches, when decode's memory is that of `pending.offset`. */
  const commit = (): Promise<void> => {
    if (running !== null) return running
    cancelTimer?.()
    cancelTimer = null
    due = false
    if (pending.offset < 0 || failed) return Promise.resolve()
    const taken = pending
    pending = emptyPending()
    committing = taken
    const memory = takeMemory()
    const others = before(taken.offset)
    running = write(taken, memory, others).finally(() => {
      committing = null
      running = null
      // What came while this one ran: the next batch may be long in coming.
      commitInTime()
    })
    return running
  }

  const write = async (taken: Pending, memory: ReadonlyMap<string, string>, others: Promise<void>): Promise<void> => {
    try {
      const { offset, readings, rejections } = taken
      await store.write({ offset, readings, rejections, ledger: [...taken.ledger.values()], memory, before: others })
      hasCommitted = true
      onCommitted(taken.offset)
    } catch (error) {
      failed = true
      onFailed(error)
    }
  }

  const commitSoon = () => {
    if (busy) due = true
    else void commit()
  }

  const commitInTime = () => {
    if (pending.offset < 0 || running !== null || failed || stopped) return
    if (weightOf(pending) >= options.commitReadings) return commitSoon()
    // The first commit shows that a run is well: it does not wait for long.
    const waitMs = hasCommitted && isStill(pending) ? options.stillLingerMs : options.lingerMs
    if (cancelTimer !== null && timerMs <= waitMs) return
    cancelTimer?.()
    timerMs = waitMs
    cancelTimer = clock.after(waitMs, commitSoon)
  }

  return {
    async add(batch) {
      pending.offset = batch.next
      for (const { readings } of batch.records) for (const reading of readings) pending.readings.push(reading)
      for (const rejection of batch.rejections) {
        pending.rejections.push(rejection)
        pending.rejectionWeight += REJECTION_WEIGHT + rejection.payload.byteLength / PAYLOAD_BYTES_PER_READING
      }
      for (const delta of batch.ledger) mergeDelta(pending.ledger, delta)
      commitInTime()
      while (heldReadings() >= options.maxReadings && running !== null && !failed) await running
    },
    async find(points) {
      const found = findPending(
        points,
        committing === null ? [pending.readings] : [committing.readings, pending.readings],
      )
      const missing = points.flatMap((point, at) => (found[at] === undefined ? [{ point, at }] : []))
      const stored = await store.find(missing.map(({ point }) => point))
      missing.forEach(({ at }, index) => {
        found[at] = stored[index]
      })
      return found
    },
    enter() {
      busy = true
    },
    leave() {
      busy = false
      for (const resume of untilIdle.splice(0)) resume()
      if (due) void commit()
      else commitInTime()
    },
    async flush() {
      if (running !== null) await running
      while (busy) await new Promise<void>((resolve) => untilIdle.push(resolve))
      await commit()
    },
    pendingMessages(query) {
      let sum = 0
      for (const { ledger } of committing === null ? [pending] : [committing, pending]) {
        for (const delta of ledger.values()) if (matches(delta, query)) sum += messagesOf(delta)
      }
      return sum
    },
    get isCommitting() {
      return running !== null
    },
    settled: async () => running ?? undefined,
    stop() {
      stopped = true
      cancelTimer?.()
    },
    get pendingReadings() {
      return heldReadings()
    },
  }
}

function mergeDelta(ledger: Map<string, LedgerDelta>, delta: LedgerDelta): void {
  const key = `${delta.minute}/${delta.device}`
  const held = ledger.get(key)
  if (held === undefined) ledger.set(key, delta)
  else {
    ledger.set(key, {
      ...delta,
      stored: held.stored + delta.stored,
      partial: held.partial + delta.partial,
      duplicate: held.duplicate + delta.duplicate,
      rejected: held.rejected + delta.rejected,
    })
  }
}

const MINUTE_MS = 60_000
const wholeMinute = (time: number): number => Math.floor(time / MINUTE_MS) * MINUTE_MS

const matches = (delta: LedgerDelta, { device, from, to }: LedgerQuery): boolean =>
  (device === undefined || delta.device === device) &&
  (from === undefined || delta.minute >= wholeMinute(from)) &&
  (to === undefined || delta.minute < wholeMinute(to))
