/** Finds the newest record of the raw log, from which the log's clock goes on. */

import type { LogClockStart } from '../../libs/core/log/log-clock.ts'
import { decodeRaw } from '../../libs/core/log/raw-record.ts'
import type { EventLog, LogRecord, Subscription } from '../../libs/ports/event-log.ts'

const RAW = 'keng.raw.v1'

/** Null for an empty log. */
export async function lastRecord(log: EventLog): Promise<LogClockStart | null> {
  const { first, end } = await log.extent(RAW, 0)
  if (end <= first) return null
  let subscription: Promise<Subscription> | null = null
  const record = await new Promise<LogRecord | null>((resolve, reject) => {
    subscription = log.subscribe(
      RAW,
      { group: 'clock', from: () => end - 1 },
      async ({ records }) => resolve(records.at(-1) ?? null),
      reject,
    )
    subscription.catch(reject)
  })
  await (await (subscription as Promise<Subscription> | null))?.close()
  if (record?.value == null) return null
  return { time: record.time, receivedAt: decodeRaw(record.value).receivedAt }
}
