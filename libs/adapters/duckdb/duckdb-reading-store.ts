/** The embedded series store: DuckDB, rows and offset in one transaction. */

import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { KengError } from '../../core/errors.ts'
import type { LedgerDelta } from '../../core/ledger.ts'
import { flagNames, type Reading } from '../../core/reading.ts'
import type { Rejection } from '../../core/rejection.ts'
import type { Accounts, Point, PointKey, ReadingStore, StoreBatch } from '../../ports/reading-store.ts'
import { readLedger, readRejections } from './accounts.ts'
import { appendRows, type Column } from './append-rows.ts'
import { createForgetting } from './forget-old.ts'
import { rangeQuery } from './range-query.ts'
import { LOOKUP, SCHEMA, SCHEMA_VERSION, STAGING, VERSION_TABLE } from './schema.ts'
import { splitRevised } from './split-revised.ts'

export interface DuckdbOptions {
  /** The database file. */
  readonly file: string
  /** What DuckDB may use, for example `96MB`. */
  readonly memoryLimit: string
  /** Days that readings are kept, by their own time; 0 keeps them for ever. */
  readonly retentionDays?: number
}

const READING: readonly Column<Reading>[] = [
  { type: 'INTEGER', of: (reading) => reading.series },
  { type: 'DOUBLE', of: (reading) => reading.ts },
  { type: 'DOUBLE', of: (reading) => reading.value },
  { type: 'DOUBLE', of: (reading) => reading.receivedAt },
  { type: 'UINTEGER', of: (reading) => reading.flags },
]
const SERIES: readonly Column<Reading>[] = [
  { type: 'INTEGER', of: (reading) => reading.series },
  { type: 'VARCHAR', of: (reading) => reading.device },
  { type: 'VARCHAR', of: (reading) => reading.channel },
]
const CLAIMED: readonly Column<Reading>[] = [
  { type: 'INTEGER', of: (reading) => reading.series },
  { type: 'DOUBLE', of: (reading) => reading.claimedTs ?? reading.ts },
  { type: 'DOUBLE', of: (reading) => reading.ts },
  { type: 'DOUBLE', of: (reading) => reading.value },
]
const LEDGER: readonly Column<LedgerDelta>[] = [
  { type: 'VARCHAR', of: (delta) => delta.device },
  { type: 'DOUBLE', of: (delta) => delta.minute },
  { type: 'DOUBLE', of: (delta) => delta.stored },
  { type: 'DOUBLE', of: (delta) => delta.partial },
  { type: 'DOUBLE', of: (delta) => delta.duplicate },
  { type: 'DOUBLE', of: (delta) => delta.rejected },
]
const idPart = (rejection: Rejection, part: number): number => Number(rejection.id.split('-')[part] ?? 0)
const REJECTION: readonly Column<Rejection>[] = [
  { type: 'DOUBLE', of: (rejection) => idPart(rejection, 1) },
  { type: 'INTEGER', of: (rejection) => idPart(rejection, 2) },
  { type: 'VARCHAR', of: (rejection) => rejection.id },
  { type: 'VARCHAR', of: (rejection) => rejection.device },
  { type: 'VARCHAR', of: (rejection) => rejection.topic },
  { type: 'VARCHAR', of: (rejection) => rejection.code },
  { type: 'VARCHAR', of: (rejection) => rejection.message },
  { type: 'DOUBLE', of: (rejection) => rejection.receivedAt },
  { type: 'BLOB', of: (rejection) => rejection.payload },
]
const MEMORY: readonly Column<readonly [string, string]>[] = [
  { type: 'VARCHAR', of: ([key]) => key },
  { type: 'VARCHAR', of: ([, value]) => value },
]
const LOOKED_UP: readonly Column<PointKey & { number: number }>[] = [
  { type: 'INTEGER', of: (point) => point.number },
  { type: 'INTEGER', of: (point) => point.series },
  { type: 'DOUBLE', of: (point) => point.ts },
  { type: 'BOOLEAN', of: (point) => point.claimed ?? false },
]

/**
 * Holds the file alone. After an error nothing of the batch is stored; close it, open a new one and go on from
 * `recover()` (DuckDB may refuse all further work after a failed commit).
 */
export async function createDuckdbReadingStore(options: DuckdbOptions): Promise<ReadingStore & Accounts> {
  const { file, memoryLimit, retentionDays = 0 } = options
  const instance = await unavailable(() =>
    // One thread: the box has two cores and the other one reads sockets. The log is the truth, so the WAL may grow.
    DuckDBInstance.create(file, { threads: '1', memory_limit: memoryLimit, checkpoint_threshold: '64MB' }),
  )
  const writer = await instance.connect()
  const reader = await instance.connect()
  // Decode waits for look-ups: they must not queue behind somebody's long range.
  const finder = await instance.connect()
  const forgetting = createForgetting(writer, retentionDays)
  const known = new Set<number>()
  const seriesByName = new Map<string, number>()
  const underWay = new Set<Promise<unknown>>()
  let finding: Promise<unknown> = Promise.resolve()
  let closing: Promise<void> | undefined

  const learn = (id: number, device: string, channel: string) => {
    known.add(id)
    seriesByName.set(nameOf(device, channel), id)
  }

  /** Closing waits for what is under way: a connection that is closed in the middle of a statement takes the process down. */
  const work = async <T>(todo: () => Promise<T>): Promise<T> => {
    if (closing !== undefined) throw new KengError('KENG_STORE_UNAVAILABLE', `${file} is closed`)
    const doing = unavailable(todo)
    underWay.add(doing)
    try {
      return await doing
    } finally {
      underWay.delete(doing)
    }
  }

  const writeRows = async (batch: StoreBatch) => {
    const { kept, revised, replacedInBatch } = splitRevised(batch.readings)
    const fresh = newSeries(batch.readings, known)
    await appendRows(writer, 'series', SERIES, fresh)
    if (revised.length > 0) {
      await appendRows(writer, 'staged_revised', SERIES_TS, revised)
      await writer.run('INSERT INTO replaced SELECT r.* FROM readings r JOIN staged_revised USING (series, ts)')
      await writer.run(
        'DELETE FROM readings USING staged_revised s WHERE readings.series = s.series AND readings.ts = s.ts',
      )
      await writer.run('DELETE FROM staged_revised')
      await appendRows(writer, 'replaced', READING, replacedInBatch)
    }
    await appendRows(writer, 'readings', READING, kept)
    await appendRows(
      writer,
      'claimed',
      CLAIMED,
      kept.filter((reading) => reading.claimedTs !== undefined),
    )
    await appendRows(writer, 'ledger', LEDGER, batch.ledger)
    await appendRows(writer, 'rejections', REJECTION, batch.rejections)
    if (batch.memory.size > 0) {
      await appendRows(writer, 'staged_memory', MEMORY, [...batch.memory])
      await writer.run('INSERT OR REPLACE INTO memory SELECT key, value FROM staged_memory')
      await writer.run('DELETE FROM staged_memory')
    }
    await forgetting.at(batch.ledger.reduce((newest, { minute }) => Math.max(newest, minute), 0))
    await batch.before
    await writer.run('UPDATE position SET raw_offset = $1', [batch.offset])
    return fresh
  }

  return {
    recover: () =>
      work(async () => {
        await prepare(writer, file)
        await finder.run(LOOKUP)
        for (const [id, device, channel] of await rows(writer, 'SELECT id, device, channel FROM series')) {
          learn(id as number, device as string, channel as string)
        }
        const [position] = await rows(writer, 'SELECT raw_offset FROM position')
        const memory = await rows(writer, 'SELECT key, value FROM memory')
        return {
          offset: Number(position?.[0] ?? 0),
          memory: new Map(memory.map(([key, value]) => [String(key), String(value)])),
        }
      }),
    write: (batch) =>
      work(async () => {
        batch.before?.catch(() => {}) // awaited below, but not at once
        await writer.run('BEGIN')
        try {
          const fresh = await writeRows(batch)
          await writer.run('COMMIT')
          for (const { series, device, channel } of fresh) learn(series, device, channel)
        } catch (error) {
          await writer.run('ROLLBACK').catch(() => {}) // the first error says what happened
          throw error
        }
      }),
    find: (points) => {
      const before = finding
      const found = work(async () => {
        await before
        return find(finder, points)
      })
      finding = found.catch(() => {})
      return found
    },
    query: (query) =>
      work(async () => {
        const series = seriesByName.get(nameOf(query.device, query.channel))
        if (series === undefined) return []
        const { from, to, limit } = query
        const result = await rows(reader, rangeQuery(query), { series, from, to, limit })
        return result.map(([ts, value, flags]): Point => [ts as number, value as number, flagNames(flags as number)])
      }),
    ledger: (query) => work(() => readLedger(reader, query)),
    rejections: (query) => work(() => readRejections(reader, query)),
    close() {
      closing ??= Promise.allSettled(underWay).then(() => {
        for (const connection of [finder, reader, writer]) connection.closeSync()
        instance.closeSync()
      })
      return closing
    },
  }
}

const SERIES_TS: readonly Column<Reading>[] = READING.slice(0, 2)

/** All rows of a statement. */
export async function rows(
  connection: DuckDBConnection,
  sql: string,
  values?: DuckDBValue[] | Record<string, DuckDBValue>,
): Promise<DuckDBValue[][]> {
  return (await connection.runAndReadAll(sql, values)).getRows()
}

/** A key for a pair of names, whatever is in them. */
const nameOf = (device: string, channel: string): string => JSON.stringify([device, channel])

function newSeries(readings: readonly Reading[], known: ReadonlySet<number>): Reading[] {
  const fresh = new Map<number, Reading>()
  for (const reading of readings) {
    if (!known.has(reading.series) && !fresh.has(reading.series)) fresh.set(reading.series, reading)
  }
  return [...fresh.values()]
}

async function prepare(writer: DuckDBConnection, file: string): Promise<void> {
  // Alone and first: nothing else may be added to the file of a newer version.
  await writer.run(VERSION_TABLE)
  const [version] = await rows(writer, 'SELECT number FROM version')
  if (version !== undefined && Number(version[0]) > SCHEMA_VERSION) {
    throw new KengError(
      'KENG_DATA_DIR_NEWER',
      `${file} has version ${version[0]}, this program knows ${SCHEMA_VERSION}`,
    )
  }
  await writer.run(SCHEMA)
  await writer.run(STAGING)
  if (version === undefined) {
    await writer.run(`INSERT INTO version VALUES (${SCHEMA_VERSION})`)
    await writer.run('INSERT INTO position VALUES (0)')
  }
  // Deltas of one minute come in many commits; at a start they are added up.
  await writer.run(`CREATE OR REPLACE TABLE ledger AS SELECT device, minute, sum(stored) AS stored, sum(partial) AS partial,
    sum(duplicate) AS duplicate, sum(rejected) AS rejected FROM ledger GROUP BY device, minute ORDER BY minute`)
}

async function find(finder: DuckDBConnection, points: readonly PointKey[]): Promise<(number | undefined)[]> {
  const found: (number | undefined)[] = new Array(points.length).fill(undefined)
  if (points.length === 0) return found
  try {
    await appendRows(
      finder,
      'lookup',
      LOOKED_UP,
      points.map((point, number) => ({ ...point, number })),
    )
    // Row numbers grow as rows arrive: of several readings that claimed one time, the last one counts.
    const matches = await rows(
      finder,
      `SELECT number, value FROM lookup l JOIN readings r USING (series, ts) WHERE NOT l.claimed
         AND r.ts BETWEEN (SELECT min(ts) FROM lookup WHERE NOT claimed) AND (SELECT max(ts) FROM lookup WHERE NOT claimed)
       UNION ALL SELECT number, arg_max(value, c.rowid) FROM lookup l JOIN claimed c ON c.series = l.series AND c.claimed = l.ts
         WHERE l.claimed GROUP BY number`,
    )
    for (const [number, value] of matches) found[number as number] = value as number
  } finally {
    await finder.run('DELETE FROM lookup')
  }
  return found
}

async function unavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof KengError) throw error
    throw new KengError('KENG_STORE_UNAVAILABLE', error instanceof Error ? error.message : String(error), {
      cause: error,
    })
  }
}
