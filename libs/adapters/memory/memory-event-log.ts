/** The event log in memory, for tests and trials: the same order and guarantees as the others, gone with the process. */

import { KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'
import { LOG_TOPICS } from '../../core/log/log-topics.ts'
import type {
  AppendDone,
  BatchHandler,
  EventLog,
  LogRecord,
  NewRecord,
  SubscribeOptions,
  Subscription,
} from '../../ports/event-log.ts'

export interface MemoryEventLog extends EventLog {
  /** Keeps only the newest record of each key of a compacted topic, without those deleted, as other logs do in their own time. */
  compact(topic: LogTopic): void
}

interface TopicMemory {
  /** Durable records, by offset; compaction leaves gaps. */
  records: LogRecord[]
  end: number
  readonly waiters: Set<() => void>
}

interface Waiting {
  readonly topic: LogTopic
  readonly records: readonly NewRecord[]
  readonly done: AppendDone
}

const DEFAULT_MAX_BYTES = 2 * 1024 * 1024
const RECORD_BYTES = 16

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

export function createMemoryEventLog(): MemoryEventLog {
  const topics = new Map<LogTopic, TopicMemory>()
  const stops = new Set<() => void>()
  let waiting: Waiting[] = []
  let flushed: Promise<void> = Promise.resolve()
  let closed = false

  function memoryOf(topic: LogTopic, partition = 0): TopicMemory {
    if (!(topic in LOG_TOPICS) || partition !== 0) {
      throw new KengError('KENG_LOG_TOPIC_UNKNOWN', `topic ${topic}, partition ${partition}`)
    }
    let memory = topics.get(topic)
    if (memory === undefined) {
      memory = { records: [], end: 0, waiters: new Set() }
      topics.set(topic, memory)
    }
    return memory
  }

  function append(topic: LogTopic, records: readonly NewRecord[], done: AppendDone): void {
    if (closed) {
      setImmediate(() => done(new KengError('KENG_LOG_CLOSED', `topic ${topic}: append after close`), -1))
      return
    }
    memoryOf(topic)
    // Asynchronous as on a disk: a caller that relies on an answer within the call would fail elsewhere.
    if (waiting.length === 0) flushed = new Promise((resolve) => setImmediate(() => resolve(flush())))
    // Copied: the caller may use its bytes again after `done`.
    const copies = records.map(({ key, time, value }) => ({
      key,
      time: Math.trunc(time),
      value: value === null ? null : Buffer.from(value),
    }))
    waiting.push({ topic, records: copies, done })
  }

  function flush(): void {
    const group = waiting
    waiting = []
    const offsets = group.map(({ topic, records }) => {
      const memory = memoryOf(topic)
      const first = memory.end
      for (const record of records) memory.records.push({ ...record, partition: 0, offset: memory.end++ })
      return first
    })
    for (const [index, { done }] of group.entries()) tell(done, offsets[index] ?? -1)
    for (const { topic } of group) for (const wake of memoryOf(topic).waiters) wake()
  }

  async function subscribe(
    topic: LogTopic,
    options: SubscribeOptions,
    handler: BatchHandler,
    onFailed: (error: Error) => void,
  ): Promise<Subscription> {
    if (closed) throw new KengError('KENG_LOG_CLOSED', `topic ${topic}`)
    const memory = memoryOf(topic)
    const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
    let next = options.from(0)
    // A reader that holds more than the log: what comes now must not look to it as if it had it already.
    memory.end = Math.max(memory.end, next)
    let stopped = false
    let wake = (): void => {}
    const stop = (): void => {
      stopped = true
      wake()
    }

    async function follow(): Promise<void> {
      while (!stopped) {
        const records = take(memory, next, maxBytes)
        const last = records.at(-1)
        if (last === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve
            memory.waiters.add(resolve)
          })
          memory.waiters.delete(wake)
          continue
        }
        await handler({ topic, partition: 0, records, end: memory.end })
        next = last.offset + 1
      }
    }

    stops.add(stop)
    // The first batch comes after the caller has its subscription.
    const running = Promise.resolve()
      .then(follow)
      .catch((error: unknown) => {
        if (!stopped) onFailed(asError(error))
      })
      .finally(() => stops.delete(stop))
    return {
      commit() {},
      close() {
        stop()
        return running
      },
    }
  }

  return {
    append,
    subscribe,
    async read(topic, onRecord) {
      if (closed) throw new KengError('KENG_LOG_CLOSED', `topic ${topic}`)
      for (const record of [...memoryOf(topic).records]) onRecord(record)
    },
    async extent(topic, partition) {
      const { records, end } = memoryOf(topic, partition)
      return { first: LOG_TOPICS[topic].cleanup === 'compact' ? 0 : (records[0]?.offset ?? end), end }
    },
    async close() {
      closed = true
      await flushed
      for (const stop of stops) stop()
    },
    compact(topic) {
      const memory = memoryOf(topic)
      const newest = new Map(memory.records.map((record) => [record.key, record]))
      memory.records = memory.records.filter((record) => newest.get(record.key) === record && record.value !== null)
    },
  }
}

/** About `maxBytes` of the records from `next` on, one at least where there is any. */
function take(memory: TopicMemory, next: number, maxBytes: number): LogRecord[] {
  const { records } = memory
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((records[middle]?.offset ?? 0) < next) low = middle + 1
    else high = middle
  }
  let bytes = 0
  let to = low
  for (; to < records.length && (to === low || bytes < maxBytes); to++) {
    bytes += (records[to]?.value?.length ?? 0) + RECORD_BYTES
  }
  return records.slice(low, to)
}

function tell(done: AppendDone, offset: number): void {
  try {
    done(null, offset)
  } catch (thrown) {
    setImmediate(() => {
      throw thrown
    })
  }
}
