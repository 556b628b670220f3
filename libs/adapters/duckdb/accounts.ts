/** The ledger and the rejections, read from DuckDB. */

import type { DuckDBBlobValue, DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { DecodeCode } from '../../core/decode/codes.ts'
import type { LedgerCounts } from '../../core/ledger.ts'
import type { Rejection } from '../../core/rejection.ts'
import type { LedgerQuery, RejectionsQuery } from '../../ports/reading-store.ts'

const MINUTE_MS = 60_000

interface Where {
  readonly sql: string
  readonly values: Record<string, DuckDBValue>
}

/** Joins the conditions that are asked for. */
function where(conditions: readonly (readonly [sql: string, name: string, value: DuckDBValue | undefined])[]): Where {
  const asked = conditions.filter(([, , value]) => value !== undefined)
  return {
    sql: asked.length === 0 ? '' : `WHERE ${asked.map(([sql]) => sql).join(' AND ')}`,
    values: Object.fromEntries(asked.map(([, name, value]) => [name, value ?? null])),
  }
}

const wholeMinute = (time: number | undefined): number | undefined =>
  time === undefined ? undefined : Math.floor(time / MINUTE_MS) * MINUTE_MS

export async function readLedger(connection: DuckDBConnection, query: LedgerQuery): Promise<LedgerCounts> {
  const { sql, values } = where([
    ['device = $device', 'device', query.device],
    ['minute >= $from', 'from', wholeMinute(query.from)],
    ['minute < $to', 'to', wholeMinute(query.to)],
  ])
  const result = await connection.runAndReadAll(
    `SELECT coalesce(sum(stored), 0), coalesce(sum(partial), 0), coalesce(sum(duplicate), 0), coalesce(sum(rejected), 0) FROM ledger ${sql}`,
    values,
  )
  const [stored = 0, partial = 0, duplicate = 0, rejected = 0] = (result.getRows()[0] ?? []).map(Number)
  return { stored, partial, duplicate, rejected }
}

/** Newest first. */
export async function readRejections(
  connection: DuckDBConnection,
  query: RejectionsQuery,
): Promise<readonly Rejection[]> {
  const [, afterOffset, afterItem] = query.after?.split('-').map(Number) ?? []
  const { sql, values } = where([
    ['device = $device', 'device', query.device],
    ['code = $code', 'code', query.code],
    ['received >= $from', 'from', query.from],
    ['received < $to', 'to', query.to],
    ['(raw_offset, item) < ($afterOffset, $afterItem)', 'afterOffset', afterOffset],
  ])
  const result = await connection.runAndReadAll(
    `SELECT id, device, topic, code, message, received, payload FROM rejections ${sql} ORDER BY raw_offset DESC, item DESC LIMIT $limit`,
    { ...values, ...(afterItem === undefined ? {} : { afterItem }), limit: query.limit },
  )
  return result.getRows().map(([id, device, topic, code, message, received, payload]) => ({
    id: String(id),
    device: String(device),
    topic: String(topic),
    code: code as DecodeCode,
    message: String(message),
    receivedAt: Number(received),
    payload: (payload as DuckDBBlobValue).bytes,
  }))
}
