/** A log whose appends wait until the test lets them through, fails them, or loses them as a crash would. */

import type { LogTopic } from '../../libs/core/log/log-topics.ts'
import type { AppendDone, EventLog, NewRecord } from '../../libs/ports/event-log.ts'

interface HeldAppend {
  readonly topic: LogTopic
  readonly records: readonly NewRecord[]
  readonly done: AppendDone
}

export interface HeldLog extends EventLog {
  /** Topics of the appends that wait, in order. */
  held(): readonly LogTopic[]
  /** Lets through all that waits. */
  release(): void
  /** Fails all that waits. */
  fail(error: Error): void
  /** What waits was never written, and nobody is told. */
  crash(): void
}

export function createHeldLog(inner: EventLog): HeldLog {
  let waiting: HeldAppend[] = []
  const takeAll = (): readonly HeldAppend[] => {
    const all = waiting
    waiting = []
    return all
  }
  return {
    append: (topic, records, done) => void waiting.push({ topic, records, done }),
    subscribe: (...args) => inner.subscribe(...args),
    read: (topic, onRecord) => inner.read(topic, onRecord),
    extent: (topic, partition) => inner.extent(topic, partition),
    close: () => inner.close(),
    held: () => waiting.map(({ topic }) => topic),
    release() {
      for (const { topic, records, done } of takeAll()) inner.append(topic, records, done)
    },
    fail(error) {
      for (const { done } of takeAll()) setImmediate(() => done(error, -1))
    },
    crash: () => void takeAll(),
  }
}
