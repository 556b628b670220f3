/** Removes what is older than it is kept: readings by their own time, rejections and their places by arrival. */

import type { DuckDBConnection } from '@duckdb/node-api'
import { LOG_TOPICS } from '../../core/log/log-topics.ts'

const DAY_MS = 86_400_000

export interface Forgetting {
  /** Deletes once for each day that begins; `now` is the newest arrival, epoch milliseconds. Inside the caller's transaction. */
  at(now: number): Promise<void>
}

/** `retentionDays` 0 keeps readings for ever. */
export function createForgetting(connection: DuckDBConnection, retentionDays: number): Forgetting {
  const rejectionDays = LOG_TOPICS['keng.rejections.v1'].retentionDays ?? 0
  let day = -1
  return {
    async at(now) {
      const today = Math.floor(now / DAY_MS)
      if (today <= day) return
      day = today
      await connection.run('DELETE FROM rejections WHERE received < $1', [now - rejectionDays * DAY_MS])
      if (retentionDays === 0) return
      const before = now - retentionDays * DAY_MS
      for (const table of ['readings', 'replaced', 'claimed']) {
        await connection.run(`DELETE FROM ${table} WHERE ts < $1`, [before])
      }
    },
  }
}
