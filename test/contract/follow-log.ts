/** Records and followers for tests of an EventLog. */

import type { LogTopic } from '../../libs/core/log/log-topics.ts'
import type { EventLog, LogRecord, NewRecord, RecordBatch } from '../../libs/ports/event-log.ts'

export const RAW = 'keng.raw.v1'
export const REGISTRY = 'keng.registry.v1'

export const record = (value: string | null, key = 'cell', time = 1_760_000_000_000): NewRecord => ({
  key,
  time,
  value: value === null ? null : Buffer.from(value),
})

export const textOf = (one: LogRecord): string => (one.value === null ? 'null' : Buffer.from(one.value).toString())

/** A follower that keeps the texts it was given. */
export async function follow(log: EventLog, topic: LogTopic, from = 0, group = 'test', maxBytes?: number) {
  const texts: string[] = []
  const offsets: number[] = []
  const batches: RecordBatch[] = []
  const failures: Error[] = []
  const options = { group, from: () => from, ...(maxBytes !== undefined && { maxBytes }) }
  const subscription = await log.subscribe(
    topic,
    options,
    async (batch) => {
      batches.push(batch)
      for (const one of batch.records) {
        texts.push(textOf(one))
        offsets.push(one.offset)
      }
    },
    (error) => failures.push(error),
  )
  return { texts, offsets, batches, failures, subscription }
}

export async function readTexts(log: EventLog, topic: LogTopic): Promise<string[]> {
  const texts: string[] = []
  await log.read(topic, (one) => texts.push(textOf(one)))
  return texts
}
