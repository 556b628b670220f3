/** Writes one topic: gathers records while a group is being synced, then makes the next group durable with one write and one sync. */

import { KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'
import type { AppendDone, NewRecord } from '../../ports/event-log.ts'
import type { ActiveSegment } from './active-segment.ts'
import { asSyncFailure, isDiskFull, messageOf } from './disk-errors.ts'
import type { RecordGroup } from './record-group.ts'
import { CALL_BYTES, createRecordGroup, maxGroupBytes } from './record-group.ts'

import type { SegmentTailDeps, SegmentTailOptions } from './segment-tail.ts'
import { createSegmentTail } from './segment-tail.ts'

/** What all topics of one log have in common. */
export interface LogHealth {
  /** Bytes appended and not yet durable, over all topics. */
  pendingBytes: number
  /** Topics that wait for room on the disk. */
  readonly full: Set<LogTopic>
  /** Set once, when the disk refused a write or a sync: nothing is acknowledged any more. */
  failure: KengError | undefined
  closing: boolean
}

export interface TopicWriterOptions extends SegmentTailOptions {
  readonly salt: number
  readonly maxGroupBytes: number
  readonly maxPendingBytes: number
}

export interface TopicWriterDeps extends SegmentTailDeps {
  readonly health: LogHealth
  /** Called after each sync, before the callbacks of the group. */
  readonly onCommit: (end: number, segment: ActiveSegment) => void
  readonly onGroup: (bytes: number, records: number, syncMs: number) => void
  readonly onFatal: (error: KengError) => void
}

export interface TopicWriter {
  append(records: readonly NewRecord[], done: AppendDone): void
  /** Makes the next offset at least this one; resolves when that is durable. */
  jump(offset: number): Promise<void>
  end(): number
  segment(): ActiveSegment
  /** Time of the newest durable record that this writer knows of. */
  newestTime(): number | undefined
  /** Resolves when everything appended before is durable or refused. */
  drain(): Promise<void>
  close(): Promise<void>
}

const MAX_KEPT_BYTES = 8 * 1024 * 1024

export function createTopicWriter(
  deps: TopicWriterDeps,
  options: TopicWriterOptions,
  opened: { readonly segment: ActiveSegment; readonly end: number; readonly newestTime: number | undefined },
): TopicWriter {
  const { clock, health } = deps
  const { topic } = options
  const tail = createSegmentTail(deps, options, opened.segment)
  let next = opened.end
  let newestTime = opened.newestTime
  let gathering = createRecordGroup()
  let spare: RecordGroup | undefined
  const sealed: RecordGroup[] = []
  const jumps: { readonly offset: number; readonly settle: (error: Error | null) => void }[] = []
  let running = false
  const idle: (() => void)[] = []
  let wakeRetry: (() => void) | undefined

  const detail = (text: string): string => `topic ${topic}: ${text}`

  function append(records: readonly NewRecord[], done: AppendDone): void {
    const size = maxGroupBytes(records)
    if (size + CALL_BYTES > options.maxPendingBytes && !health.closing) {
      const limit = `${size} bytes in one append, at most ${options.maxPendingBytes}`
      gathering.refuse(new KengError('KENG_LOG_TOO_LARGE', detail(limit)), done)
      start()
      return
    }
    const refusal = whyRefused(size)
    if (refusal !== null) {
      // Told at once and not in its turn: holding the refused would be one more queue, without a bound.
      setImmediate(() => done(refusal, -1))
      return
    }
    if (gathering.count() > 0 && gathering.length() + size > options.maxGroupBytes) {
      sealed.push(gathering)
      gathering = takeGroup()
    }
    gathering.add(records, size, done)
    health.pendingBytes += size + CALL_BYTES
    start()
  }

  function whyRefused(size: number): KengError | null {
    if (health.failure !== undefined) return health.failure
    if (health.closing) return new KengError('KENG_LOG_CLOSED', detail('append after close'))
    if (health.pendingBytes + size + CALL_BYTES <= options.maxPendingBytes) return null
    const why = health.full.size > 0 ? 'the disk is full' : 'the disk is slower than the senders'
    const text = `${health.pendingBytes} bytes wait, at most ${options.maxPendingBytes}, because ${why}`
    return new KengError('KENG_LOG_UNAVAILABLE', detail(text))
  }

  function takeGroup(): RecordGroup {
    const group = spare ?? createRecordGroup()
    spare = undefined
    return group
  }

  const isIdle = (): boolean => sealed.length === 0 && gathering.isEmpty() && jumps.length === 0

  // Not at once: whatever else this turn of the event loop brings joins the same group.
  function start(): void {
    if (running) return
    running = true
    setImmediate(() => void run())
  }

  async function run(): Promise<void> {
    for (;;) {
      const error = await step()
      if (error !== null) fail(error)
      if (isIdle()) break
    }
    running = false
    for (const resolve of idle.splice(0)) resolve()
  }

  /** One group, one jump, or a little growth. Resolves with what ends this log, or null. */
  async function step(): Promise<KengError | null> {
    if (health.failure !== undefined) return health.failure
    const jump = jumps.shift()
    const group = jump === undefined ? nextGroup() : undefined
    try {
      if (jump !== undefined) {
        await moveTo(jump.offset)
        jump.settle(null)
      } else if (group !== undefined) {
        await writeGroup(group)
      }
      await growWhileIdle()
      return null
    } catch (error) {
      const failure = asSyncFailure(`topic ${topic}`, error)
      jump?.settle(failure)
      if (group !== undefined) release(group, (g) => g.fail(failure))
      return failure.code === 'KENG_LOG_FULL' ? null : failure
    }
  }

  function nextGroup(): RecordGroup | undefined {
    const waiting = sealed.shift()
    if (waiting !== undefined) return waiting
    if (gathering.isEmpty()) return undefined
    const group = gathering
    gathering = takeGroup()
    return group
  }

  async function writeGroup(group: RecordGroup): Promise<void> {
    const count = group.count()
    if (count > 0) {
      const length = group.length()
      const bytes = group.seal(next, options.salt)
      await untilRoom(() => tail.place(bytes, length, next))
      const began = clock.monotonic()
      await tail.sync()
      tail.segment().advance(length)
      newestTime = group.lastTime()
      deps.onGroup(length, count, clock.monotonic() - began)
    }
    const base = next
    next += count
    if (count > 0) deps.onCommit(next, tail.segment())
    release(group, (g) => g.complete(base))
  }

  async function moveTo(offset: number): Promise<void> {
    if (offset <= next) return
    await untilRoom(() => tail.startAt(offset))
    next = offset
    deps.onCommit(next, tail.segment())
  }

  /** Repeats until the disk has room: what was acknowledged is not touched by a write that ran out of it. */
  async function untilRoom(attempt: () => Promise<void>): Promise<void> {
    for (;;) {
      if (health.failure !== undefined) throw health.failure
      try {
        await attempt()
        health.full.delete(topic)
        return
      } catch (error) {
        if (!isDiskFull(error)) throw error
        if (health.closing && health.full.has(topic)) throw new KengError('KENG_LOG_FULL', detail(messageOf(error)))
        health.full.add(topic)
        await pause()
      }
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(options.fullRetryMs, resolve)
      wakeRetry = () => {
        cancel()
        resolve()
      }
      if (health.closing) wakeRetry()
    })
  }

  async function growWhileIdle(): Promise<void> {
    while (isIdle() && health.full.size === 0 && !health.closing) {
      if (!(await tail.growAhead())) return
      await tail.sync()
    }
  }

  function fail(error: KengError): void {
    if (health.failure === undefined) {
      health.failure = error
      deps.onFatal(error)
    }
    for (const group of sealed.splice(0)) release(group, (g) => g.fail(error))
    if (!gathering.isEmpty()) release(gathering, (g) => g.fail(error))
    for (const jump of jumps.splice(0)) jump.settle(error)
  }

  function release(group: RecordGroup, tell: (group: RecordGroup) => void): void {
    health.pendingBytes -= group.pendingBytes()
    tell(group)
    if (group !== gathering && group.capacity() <= MAX_KEPT_BYTES) spare ??= group
  }

  async function drain(): Promise<void> {
    wakeRetry?.()
    if (running) await new Promise<void>((resolve) => idle.push(resolve))
  }

  return {
    append,
    jump: (offset) =>
      new Promise((resolve, reject) => {
        jumps.push({ offset, settle: (error) => (error === null ? resolve() : reject(error)) })
        start()
      }),
    end: () => next,
    segment: tail.segment,
    newestTime: () => newestTime,
    drain,
    async close() {
      await drain()
      await tail.segment().close()
    },
  }
}
