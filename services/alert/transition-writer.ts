/** Appends transitions to the alerts topic in their order, one append at a time, without holding up who decides them. */

import type { EventLog, NewRecord } from '../../libs/ports/event-log.ts'

export interface TransitionWriter {
  /** Takes records and returns at once. */
  add(records: readonly NewRecord[]): void
  /** Resolves when everything added so far is durable; rejects with the log's error. The next call tries again what failed. */
  durable(): Promise<void>
  /** Records that are not durable yet: no more than were added since the last `durable`. */
  readonly waiting: number
}

const TOPIC = 'keng.alerts.v1'
/** Keeps one append well below what a log takes at once. */
const MAX_RECORDS = 1_000

interface Waiter {
  readonly upTo: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export function createTransitionWriter(log: EventLog): TransitionWriter {
  const queue: NewRecord[] = []
  let waiters: Waiter[] = []
  let written = 0
  let onTheWay = false
  // After a failure nothing is sent until somebody asks: a later record must not overtake the one that failed.
  let failed = false

  const send = () => {
    if (onTheWay || failed || queue.length === 0) return
    onTheWay = true
    const records = queue.slice(0, MAX_RECORDS)
    log.append(TOPIC, records, (error) => {
      onTheWay = false
      if (error !== null) {
        failed = true
        for (const { reject } of waiters.splice(0)) reject(error)
        return
      }
      queue.splice(0, records.length)
      written += records.length
      for (const { upTo, resolve } of waiters) if (upTo <= written) resolve()
      waiters = waiters.filter(({ upTo }) => upTo > written)
      send()
    })
  }

  return {
    add(records) {
      queue.push(...records)
      send()
    },
    durable() {
      if (queue.length === 0) return Promise.resolve()
      failed = false
      return new Promise((resolve, reject) => {
        waiters.push({ upTo: written + queue.length, resolve, reject })
        send()
      })
    },
    get waiting() {
      return queue.length
    },
  }
}
