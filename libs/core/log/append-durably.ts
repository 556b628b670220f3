/** A promise for callers that append seldom; ingest uses the callback itself. */

import type { LogTopic } from './log-topics.ts'

interface Appendable<R> {
  append(topic: LogTopic, records: readonly R[], done: (error: Error | null, offset: number) => void): void
}

/** Resolves with the offset of the first record once all are durable; rejects with the log's KengError otherwise. */
export function appendDurably<R>(log: Appendable<R>, topic: LogTopic, records: readonly R[]): Promise<number> {
  return new Promise((resolve, reject) => {
    log.append(topic, records, (error, offset) => (error ? reject(error) : resolve(offset)))
  })
}
