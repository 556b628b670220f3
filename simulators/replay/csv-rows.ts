/** Reads a recording row by row, whatever its size. */

import { createReadStream } from 'node:fs'
import { CsvError, parse } from 'csv-parse'

import { KengError } from '../../libs/core/errors.ts'
import type { Column, RecordingMap } from './recording-map.ts'

export interface CsvRow {
  /** Line of the file where the row ends, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface CsvRows extends AsyncIterable<CsvRow> {
  /** Where a column of the map is, from 0. Known once the first row was asked for. Throws KENG_REPLAY_FILE. */
  indexOf(column: Column): number
}

const NAMED_IN_ERRORS = 12

/** Throws KENG_REPLAY_FILE while iterated: no file, broken quotes, a column of `columns` that the header does not have. */
export function openCsvRows(path: string, map: RecordingMap, columns: readonly Column[]): CsvRows {
  const { delimiter, header, skipLines, comment } = map.file
  let names: readonly string[] = []

  const indexOf = (column: Column): number => (typeof column === 'number' ? column - 1 : names.indexOf(column))

  const readHeader = (cells: readonly string[]): void => {
    names = cells.map((name) => name.trim())
    const missing = columns.filter((column) => indexOf(column) < 0 || indexOf(column) >= names.length)
    if (missing.length === 0) return
    const there = names.slice(0, NAMED_IN_ERRORS).join(', ')
    throw new KengError(
      'KENG_REPLAY_FILE',
      `${path} has no column ${missing.join(', ')}; its header has ${names.length}: ${there}`,
    )
  }

  async function* rows(): AsyncGenerator<CsvRow> {
    const parser = parse({
      delimiter,
      bom: true,
      info: true,
      from_line: skipLines + 1,
      // Rows of uneven length are the row's problem, not the file's: the cells that are missing are missing.
      relax_column_count: true,
      skip_empty_lines: true,
      ...(comment === undefined ? {} : { comment }),
    })
    const file = createReadStream(path)
    file.on('error', (error) => parser.destroy(error))
    file.pipe(parser)
    let headerDue = header
    try {
      for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
        if (headerDue) readHeader(record)
        else yield { line: info.lines, cells: record }
        headerDue = false
      }
    } catch (error) {
      if (error instanceof KengError) throw error
      const why = error instanceof CsvError || error instanceof Error ? error.message : String(error)
      throw new KengError('KENG_REPLAY_FILE', `${path}: ${why}`, { cause: error })
    } finally {
      file.destroy()
    }
    if (headerDue) throw new KengError('KENG_REPLAY_FILE', `${path} is empty`)
  }

  return { indexOf, [Symbol.asyncIterator]: rows }
}
