/** How far each topic is durable, in memory shared between threads: the writer notes it after each sync, readers wait for it. */

import type { MessagePort } from 'node:worker_threads'
import { MessageChannel } from 'node:worker_threads'
import type { LogTopic } from '../../core/log/log-topics.ts'

/** What of a topic every thread may know. Offsets and positions are those of the last sync. */
export interface TopicCommit {
  /** Oldest offset that can be read. */
  readonly first: number
  /** Offset the next record will get: everything before is durable. */
  readonly end: number
  readonly salt: number
}

/** Given to one worker thread: everything but the bell is shared memory; the bell must be in the transfer list. */
export interface SharedBoard {
  readonly topics: readonly LogTopic[]
  readonly commits: SharedArrayBuffer
  readonly sleepers: SharedArrayBuffer
  readonly bell: MessagePort
}

/** The reading half: the same for the writer's thread and for others. */
export interface CommitView {
  read(topic: LogTopic): TopicCommit
  has(topic: LogTopic): boolean
  /** Bytes of the segment with this base that are durable, where it is the active one; a hint for how much to read. */
  activeBytes(topic: LogTopic, base: number): number | undefined
  /** Calls back once, as soon as the topic's end is beyond `end`; the result cancels it. */
  onceBeyond(topic: LogTopic, end: number, callback: () => void): () => void
  close(): void
}

const SLOTS = 5
const SLOT = { end: 0, first: 1, salt: 2, activeBase: 3, activeBytes: 4 } as const

interface Waiter {
  readonly topic: LogTopic
  readonly end: number
  readonly callback: () => void
}

function createCells(topics: readonly LogTopic[], commits: SharedArrayBuffer) {
  const cells = new BigInt64Array(commits)
  const rows = new Map(topics.map((topic, index) => [topic, index * SLOTS]))
  const rowOf = (topic: LogTopic): number => {
    const row = rows.get(topic)
    if (row === undefined) throw new RangeError(`topic ${topic} is not on the board`)
    return row
  }
  return {
    get: (topic: LogTopic, slot: number) => Number(Atomics.load(cells, rowOf(topic) + slot)),
    set: (topic: LogTopic, slot: number, value: number) =>
      void Atomics.store(cells, rowOf(topic) + slot, BigInt(value)),
    has: (topic: LogTopic) => rows.has(topic),
  }
}

type Cells = ReturnType<typeof createCells>

function createView(cells: Cells, beforeWait: (topic: LogTopic) => void, close: () => void) {
  const waiters = new Set<Waiter>()
  const wake = (): void => {
    for (const waiter of waiters) {
      if (cells.get(waiter.topic, SLOT.end) > waiter.end) {
        waiters.delete(waiter)
        waiter.callback()
      } else {
        beforeWait(waiter.topic)
      }
    }
  }
  const view: CommitView = {
    read: (topic) => ({
      end: cells.get(topic, SLOT.end),
      first: cells.get(topic, SLOT.first),
      salt: cells.get(topic, SLOT.salt),
    }),
    has: cells.has,
    activeBytes: (topic, base) =>
      cells.get(topic, SLOT.activeBase) === base ? cells.get(topic, SLOT.activeBytes) : undefined,
    onceBeyond(topic, end, callback) {
      const waiter = { topic, end, callback }
      waiters.add(waiter)
      beforeWait(topic)
      // Said that it sleeps, and only then looks again: whatever was committed in between is seen here or rings the bell.
      if (cells.get(topic, SLOT.end) > end && waiters.delete(waiter)) callback()
      return () => void waiters.delete(waiter)
    },
    close() {
      waiters.clear()
      close()
    },
  }
  return { view, wake }
}

export interface CommitBoard {
  readonly view: CommitView
  /** Notes what is durable and wakes whoever waits for it. */
  commit(topic: LogTopic, end: number, activeBase: number, activeBytes: number): void
  setFirst(topic: LogTopic, first: number): void
  setSalt(topic: LogTopic, salt: number): void
  /** Makes what one more worker thread needs to follow; `onMessage` hears what it says over the bell. */
  share(onMessage: (message: unknown) => void): SharedBoard
  close(): void
}

interface Sleepers {
  readonly flags: Int32Array
  readonly bell: MessagePort
}

export function createCommitBoard(topics: readonly LogTopic[]): CommitBoard {
  const commits = new SharedArrayBuffer(topics.length * SLOTS * BigInt64Array.BYTES_PER_ELEMENT)
  const cells = createCells(topics, commits)
  const remotes: Sleepers[] = []
  const indexes = new Map(topics.map((topic, index) => [topic, index]))
  const { view, wake } = createView(
    cells,
    () => {},
    () => {},
  )

  return {
    view,
    commit(topic, end, activeBase, activeBytes) {
      cells.set(topic, SLOT.activeBase, activeBase)
      cells.set(topic, SLOT.activeBytes, activeBytes)
      cells.set(topic, SLOT.end, end)
      wake()
      const index = indexes.get(topic) ?? 0
      // A reader that works sees the new end by itself: only one that said it sleeps costs a message.
      for (const remote of remotes) if (Atomics.exchange(remote.flags, index, 0) === 1) remote.bell.postMessage(null)
    },
    setFirst: (topic, first) => cells.set(topic, SLOT.first, first),
    setSalt: (topic, salt) => cells.set(topic, SLOT.salt, salt),
    share(onMessage) {
      const { port1, port2 } = new MessageChannel()
      const sleepers = new SharedArrayBuffer(topics.length * Int32Array.BYTES_PER_ELEMENT)
      const remote = { flags: new Int32Array(sleepers), bell: port1 }
      remotes.push(remote)
      port1.on('message', onMessage)
      port1.on('close', () => {
        const at = remotes.indexOf(remote)
        if (at >= 0) remotes.splice(at, 1)
      })
      port1.unref()
      return { topics, commits, sleepers, bell: port2 }
    },
    close() {
      for (const { bell } of remotes.splice(0)) bell.close()
      view.close()
    },
  }
}

/** The view of another thread. Waiting there leaves its event loop free: the bell is a message like any other. */
export function createRemoteView(shared: SharedBoard): CommitView {
  const cells = createCells(shared.topics, shared.commits)
  const flags = new Int32Array(shared.sleepers)
  const indexes = new Map(shared.topics.map((topic, index) => [topic, index]))
  const sleep = (topic: LogTopic): void => void Atomics.store(flags, indexes.get(topic) ?? 0, 1)
  const { view, wake } = createView(cells, sleep, () => shared.bell.close())
  // A commit between a waiter's look and its flag would be missed once: look again behind the flags.
  shared.bell.on('message', () => {
    wake()
    wake()
  })
  return view
}
