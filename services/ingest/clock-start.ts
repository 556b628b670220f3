/** From where the log's clock goes on: the newest record of the raw log. */

import type { LogClockStart } from '../../libs/core/log/log-clock.ts'
import { decodeRaw } from '../../libs/core/log/raw-record.ts'
import type { LogRecord } from '../../libs/ports/event-log.ts'

/** Null for an empty log. */
export function clockStart(newest: LogRecord | undefined): LogClockStart | null {
  if (newest?.value == null) return null
  return { time: newest.time, receivedAt: decodeRaw(newest.value).receivedAt }
}
