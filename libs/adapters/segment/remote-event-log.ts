/** The segment log in a worker thread: it reads the files itself, and appends through the thread that owns the log. */

import type { MessagePort } from 'node:worker_threads'
import { MessageChannel } from 'node:worker_threads'
import { KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'
import type { AppendDone, EventLog, NewRecord, SubscribeOptions } from '../../ports/event-log.ts'
import { maxGroupBytes } from './record-group.ts'
import type { FromOwner, FromWorker, PackedCall, SentError } from './remote-messages.ts'
import { packCalls, receiveError, sendError, unpackCalls } from './remote-messages.ts'
import type { SegmentEventLog } from './segment-event-log.ts'
import type { SharedLog } from './segment-reader.ts'
import { createSegmentReader } from './segment-reader.ts'

/** What a worker needs of the log: goes into its workerData, and `transferList` into the options of `new Worker`. */
export interface RemoteLogData {
  readonly shared: SharedLog
  readonly port: MessagePort
}

/** On the owner's side: makes the way in for one more worker. */
export function shareEventLog(log: SegmentEventLog): {
  readonly remote: RemoteLogData
  readonly transferList: MessagePort[]
} {
  const { port1, port2 } = new MessageChannel()
  serveEventLog(log, port1)
  const shared = log.share()
  return { remote: { shared, port: port2 }, transferList: [port2, shared.board.bell] }
}

/** Answers one worker on this port until it closes. Does not keep the process alive. */
export function serveEventLog(log: SegmentEventLog, port: MessagePort): void {
  let results: [id: number, offset: number, error: SentError | null][] = []

  // All callbacks of a group come in one turn: one message tells them all.
  function answer(id: number, offset: number, error: Error | null): void {
    if (results.length === 0) {
      queueMicrotask(() => {
        const message: FromOwner = { results }
        results = []
        port.postMessage(message)
      })
    }
    results.push([id, offset, error === null ? null : sendError(error)])
  }

  port.on('message', (message: FromWorker) => {
    switch (message.kind) {
      case 'append':
        for (const { id, topic, records } of unpackCalls(message)) {
          log.append(topic, records, (error, offset) => answer(id, offset, error))
        }
        return
      case 'commit':
        log.commitGroup(message.topic, message.group, message.offset)
        return
      case 'reach':
        log.reach(message.topic, message.offset).then(
          () => answer(message.id, message.offset, null),
          (error: Error) => answer(message.id, -1, error),
        )
    }
  })
  port.unref()
}

export interface RemoteEventLogOptions {
  /** What this worker may have on the way before an append is refused. Default 32 MiB. */
  readonly maxPendingBytes?: number
}

const DEFAULT_MAX_PENDING_BYTES = 32 * 1024 * 1024

interface Outstanding {
  readonly bytes: number
  readonly done: AppendDone
}

/** In the worker: the whole port. Keeps the thread alive until it is closed; `close` ends this access, not the owner's log. */
export function createRemoteEventLog(data: RemoteLogData, options: RemoteEventLogOptions = {}): EventLog {
  const { port } = data
  const maxPendingBytes = options.maxPendingBytes ?? DEFAULT_MAX_PENDING_BYTES
  const reader = createSegmentReader(data.shared)
  const outstanding = new Map<number, Outstanding>()
  let calls: PackedCall[] = []
  let nextId = 0
  let pendingBytes = 0
  let closed = false
  const idle: (() => void)[] = []
  let closing: Promise<void> | undefined

  const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

  function settle(id: number, error: Error | null, offset: number): void {
    const call = outstanding.get(id)
    if (call === undefined) return
    outstanding.delete(id)
    pendingBytes -= call.bytes
    call.done(error, offset)
  }

  port.on('message', ({ results }: FromOwner) => {
    for (const [id, offset, error] of results) settle(id, error === null ? null : receiveError(error), offset)
    if (outstanding.size === 0) for (const resolve of idle.splice(0)) resolve()
  })
  // The owner is gone: whether these are durable is not known, so they are not acknowledged.
  port.on('close', () => {
    closed = true
    const error = new KengError('KENG_LOG_UNAVAILABLE', 'the thread that owns the log has ended')
    for (const id of [...outstanding.keys()]) settle(id, error, -1)
    for (const resolve of idle.splice(0)) resolve()
  })

  function append(topic: LogTopic, records: readonly NewRecord[], done: AppendDone): void {
    const bytes = maxGroupBytes(records)
    if (closed || pendingBytes + bytes > maxPendingBytes) {
      const error = closed
        ? new KengError('KENG_LOG_CLOSED', `topic ${topic}: append after close`)
        : new KengError('KENG_LOG_UNAVAILABLE', `${pendingBytes} bytes are on the way, at most ${maxPendingBytes}`)
      setImmediate(() => done(error, -1))
      return
    }
    const id = nextId++
    outstanding.set(id, { bytes, done })
    pendingBytes += bytes
    if (calls.length === 0) setImmediate(sendCalls)
    calls.push({ id, topic, records })
  }

  function sendCalls(): void {
    const message = packCalls(calls)
    calls = []
    post(message, [message.bytes])
  }

  const request = (message: (id: number) => FromWorker): Promise<void> =>
    new Promise((resolve, reject) => {
      const id = nextId++
      outstanding.set(id, { bytes: 0, done: (error) => (error === null ? resolve() : reject(error)) })
      post(message(id))
    })

  async function closeOnce(): Promise<void> {
    closed = true
    if (outstanding.size > 0) await new Promise<void>((resolve) => idle.push(resolve))
    reader.close()
    port.close()
  }

  return {
    append,
    async subscribe(topic, wanted, handler, onFailed) {
      const from = wanted.from(0)
      const { end } = await reader.extent(topic, 0)
      if (from > end) await request((id) => ({ kind: 'reach', id, topic, offset: from }))
      const fixed: SubscribeOptions = { ...wanted, from: () => from }
      const subscription = await reader.subscribe(topic, fixed, handler, onFailed)
      return {
        commit: (_partition, offset) => post({ kind: 'commit', topic, group: wanted.group, offset }),
        close: () => subscription.close(),
      }
    },
    read: (topic, onRecord) => reader.read(topic, onRecord),
    extent: (topic, partition) => reader.extent(topic, partition),
    close() {
      closing ??= closeOnce()
      return closing
    },
  }
}
