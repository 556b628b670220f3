/** Reads devices out of a CSV file whose columns are the fields of `POST /api/v1/devices`. */

import { parse } from 'csv-parse/sync'

import { nearestWord } from '../../libs/runtime/nearest-word.ts'
import { UsageError } from './terminal.ts'

export type DeviceRow = Readonly<Record<string, unknown>> & { readonly id: string }

const text = (cell: string): unknown => cell

const number = (cell: string): unknown => {
  const value = Number(cell)
  if (!Number.isFinite(value)) throw new UsageError(`${cell} is not a number`)
  return value
}

/** `{"ph":"water.ph"}`, or in a cell that people write by hand `ph=water.ph t=water.temperature`. */
const channels = (cell: string): unknown => {
  if (cell.startsWith('{')) return JSON.parse(cell)
  const pairs = cell.split(/[\s;]+/).map((pair) => pair.split('='))
  if (pairs.some((pair) => pair.length !== 2)) throw new UsageError(`${cell} is not short=channel, separated by blanks`)
  return Object.fromEntries(pairs)
}

const COLUMNS: Readonly<Record<string, (cell: string) => unknown>> = {
  id: text,
  name: text,
  profile: text,
  cell: text,
  area: text,
  latitude: number,
  longitude: number,
  gateway: text,
  externalId: text,
  expectedIntervalSeconds: number,
  channels,
  lateAfterSeconds: number,
  timeZone: text,
}

/** Empty cells are absent fields. Throws UsageError with the line of each fault; whether a value makes sense is the server's to say. */
export function parseDeviceCsv(content: string): DeviceRow[] {
  const [heading = [], ...lines] = parse(content, {
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
  }) as string[][]
  checkHeading(heading)
  const faults: string[] = []
  const rows = lines.map((cells, index) => {
    const row: Record<string, unknown> = {}
    for (const [column, name] of heading.entries()) {
      const cell = cells[column]
      if (!cell) continue
      try {
        row[name] = COLUMNS[name]?.(cell)
      } catch (error) {
        faults.push(`row ${index + 1}, ${name}: ${(error as Error).message}`)
      }
    }
    if (cells.length !== heading.length)
      faults.push(`row ${index + 1}: ${cells.length} cells, the heading has ${heading.length}`)
    else if (row.id === undefined) faults.push(`row ${index + 1}: no id`)
    return row as DeviceRow
  })
  if (faults.length > 0) throw new UsageError(faults.join('; '))
  if (rows.length === 0) throw new UsageError('the file has no devices under its heading')
  return rows
}

function checkHeading(heading: readonly string[]): void {
  const faults = heading
    .filter((name) => !Object.hasOwn(COLUMNS, name))
    .map((name) => {
      const nearest = nearestWord(name, Object.keys(COLUMNS))
      return `column ${name} is not known${nearest === undefined ? '' : `, did you mean ${nearest}`}`
    })
  if (!heading.includes('id')) faults.push('there is no column id')
  if (faults.length > 0) throw new UsageError(`${faults.join('; ')}. Columns are ${Object.keys(COLUMNS).join(' ')}`)
}
