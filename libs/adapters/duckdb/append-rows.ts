/** Appends rows to a DuckDB table column by column, letting the event loop run in between. */

import {
  BLOB,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  UINTEGER,
  VARCHAR,
} from '@duckdb/node-api'

const TYPES = { INTEGER, UINTEGER, DOUBLE, VARCHAR, BOOLEAN, BLOB } as const

/** One column: its type and how a row gives its value. */
export interface Column<Row> {
  readonly type: keyof typeof TYPES
  readonly of: (row: Row) => number | string | boolean | Uint8Array
}

/** DuckDB's vector size: a chunk holds no more. */
const CHUNK_ROWS = 2048
/** About 2 ms of work; alerts are decided on the same thread. */
const CHUNKS_AT_ONCE = 4

export async function appendRows<Row>(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  const types: DuckDBType[] = columns.map(({ type }) => TYPES[type])
  const appender = await connection.createAppender(table)
  try {
    for (let from = 0, chunks = 0; from < rows.length; from += CHUNK_ROWS) {
      appender.appendDataChunk(fillChunk(types, columns, rows, from))
      if (++chunks % CHUNKS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    appender.flushSync()
  } catch (error) {
    // An appender that is left open writes what it holds when it is garbage-collected: after the ROLLBACK.
    appender.clear()
    throw error
  } finally {
    appender.closeSync()
  }
}

function fillChunk<Row>(
  types: readonly DuckDBType[],
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  from: number,
): DuckDBDataChunk {
  const count = Math.min(CHUNK_ROWS, rows.length - from)
  const chunk = DuckDBDataChunk.create(types, count)
  columns.forEach(({ type, of }, index) => {
    const vector = chunk.getColumnVector(index) as unknown as {
      setItem(at: number, value: DuckDBValue): void
      flush(): void
    }
    for (let at = 0; at < count; at++) {
      const row = rows[from + at]
      if (row === undefined) continue
      const value = of(row)
      vector.setItem(at, type === 'BLOB' ? new DuckDBBlobValue(value as Uint8Array) : (value as DuckDBValue))
    }
    vector.flush()
  })
  return chunk
}
