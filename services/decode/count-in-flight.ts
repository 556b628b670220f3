/** Counts the messages of the raw log that decode has not reached: the ledger's `inFlight`. */

import { isMessage, publisherOf } from '../../libs/core/log/raw-record.ts'
import type { EventLog } from '../../libs/ports/event-log.ts'

const RAW = 'keng.raw.v1'

/** Counts records from `offset` to the end the log has now; with `device`, those that it published. */
export async function countInFlight(log: EventLog, offset: number, device?: string): Promise<number> {
  const { end } = await log.extent(RAW, 0)
  if (offset >= end) return 0
  let count = 0
  await new Promise<void>((resolve, reject) => {
    const opened = log.subscribe(
      RAW,
      { group: 'ledger', from: () => offset },
      async ({ records }) => {
        for (const { value, offset: at } of records) {
          if (at < end && value !== null && isMessage(value) && (device === undefined || publisherOf(value) === device))
            count++
        }
        if ((records.at(-1)?.offset ?? end) >= end - 1)
          void opened.then((subscription) => subscription.close()).then(resolve)
      },
      reject,
    )
    opened.catch(reject)
  })
  return count
}
