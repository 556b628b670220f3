/** One row of a recording as a message of a device, or the reason why it gives none. */

import { DEFAULT_TIME_ZONE } from '../../libs/core/device.ts'
import { KengError } from '../../libs/core/errors.ts'
import type { CsvRow, CsvRows } from './csv-rows.ts'
import { deviceIdFrom } from './device-name.ts'
import type { Column, RecordingMap } from './recording-map.ts'
import { compileTimeFormat, type ParsedTime, wallMsOf } from './time-format.ts'
import { createToUtc, type ToUtc } from './zone-time.ts'

export type SkipReason = 'no-time' | 'no-device' | 'no-values'

export interface RecordedMessage {
  readonly device: string
  /** Epoch milliseconds. */
  readonly ts: number
  readonly values: Readonly<Record<string, number>>
}

export interface RowReader {
  /** Remembers each device's last time, to tell the two halves of a doubled hour apart: give it rows in file order. */
  read(row: CsvRow): RecordedMessage | SkipReason
  /** Cells of channels so far that were empty or marked missing, and those that are no number. */
  readonly cells: { readonly missing: number; readonly unreadable: number }
}

// Decimal numbers only: no 0x10, no Infinity, no 1_000. A cell that overflows a double is refused below.
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const WHOLE = /^\d{1,4}$/

/** Every column that the map names. */
export const columnsOf = ({ device, time, channels }: RecordingMap): Column[] =>
  [device.column, time.column, ...Object.values(time.columns ?? {}), ...channels.map(({ column }) => column)].filter(
    (column) => column !== undefined,
  )

type ReadTime = (cell: (column: Column) => string) => ParsedTime | null

function timeReader({ time }: RecordingMap): ReadTime {
  const { column, columns, format } = time
  if (columns === undefined) {
    const compiled = compileTimeFormat(format ?? 'iso')
    return (cell) => (column === undefined ? null : compiled.parse(cell(column)))
  }
  return (cell) => {
    const part = (name: keyof typeof columns): number => {
      const where = columns[name]
      if (where === undefined) return 0
      const text = cell(where)
      return WHOLE.test(text) ? Number(text) : Number.NaN
    }
    const wallMs = wallMsOf({
      year: part('year'),
      month: part('month'),
      day: part('day'),
      hour: part('hour'),
      minute: part('minute'),
      second: part('second'),
    })
    return wallMs === null ? null : { wallMs }
  }
}

/** Two names of the recording must not become one device: their readings would be mixed. */
function deviceReader({ device }: RecordingMap): (cell: (column: Column) => string) => string | null {
  const { id, column, prefix } = device
  if (column === undefined) return () => id ?? null
  const names = new Map<string, string>()
  return (cell) => {
    const name = cell(column)
    const found = deviceIdFrom(name, prefix)
    if (found === null) return null
    const other = names.get(found) ?? name
    if (other !== name)
      throw new KengError('KENG_REPLAY_FILE', `the names ${other} and ${name} both become the device ${found}`)
    names.set(found, name)
    return found
  }
}

export function createRowReader(map: RecordingMap, rows: Pick<CsvRows, 'indexOf'>): RowReader {
  const { channels, file } = map
  const readTime = timeReader(map)
  const readDevice = deviceReader(map)
  const toUtc: ToUtc = createToUtc(map.time.zone ?? DEFAULT_TIME_ZONE)
  const missingWords = new Set(map.missing)
  const lastTs = new Map<string, number>()
  const cells = { missing: 0, unreadable: 0 }

  const readNumber = (text: string): number | null => {
    const plain = file.decimal === ',' ? text.replace(',', '.') : text
    if (!DECIMAL.test(plain)) return null
    const value = Number(plain)
    return Number.isFinite(value) ? value : null
  }

  const readValues = (cell: (column: Column) => string): Record<string, number> => {
    const values: Record<string, number> = {}
    for (const { column, channel, factor = 1, offset = 0, words } of channels) {
      const text = cell(column)
      const word = words !== undefined && Object.hasOwn(words, text) ? words[text] : undefined
      if (word === null || (word === undefined && missingWords.has(text))) {
        cells.missing++
        continue
      }
      const value = word ?? readNumber(text)
      // As written where nothing is converted: 0.1 * 1 + 0 is exact too, but this does not rely on it.
      const converted = value === null ? Number.NaN : factor === 1 && offset === 0 ? value : value * factor + offset
      if (Number.isFinite(converted)) values[channel] = converted
      else cells.unreadable++
    }
    return values
  }

  return {
    cells,
    read(row) {
      const cell = (column: Column): string => (row.cells[rows.indexOf(column)] ?? '').trim()
      const device = readDevice(cell)
      if (device === null) return 'no-device'
      const time = readTime(cell)
      if (time === null) return 'no-time'
      const candidates = 'utcMs' in time ? [time.utcMs] : toUtc(time.wallMs)
      const before = lastTs.get(device) ?? Number.NEGATIVE_INFINITY
      const ts = candidates.find((candidate) => candidate > before) ?? candidates[0]
      if (ts === undefined || !Number.isFinite(ts)) return 'no-time'
      lastTs.set(device, ts)
      const values = readValues(cell)
      return Object.keys(values).length === 0 ? 'no-values' : { device, ts, values }
    },
  }
}
