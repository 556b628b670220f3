/** The first look at a recording: which devices it has, from when to when, in which order. */

import { KengError } from '../../libs/core/errors.ts'
import { openCsvRows } from './csv-rows.ts'
import type { RecordingMap } from './recording-map.ts'
import { columnsOf, createRowReader, type SkipReason } from './row-reader.ts'

export interface Survey {
  /** Device ids in order of first appearance. */
  readonly devices: readonly string[]
  readonly rows: number
  /** Rows that give a message. */
  readonly messages: number
  /** Finite numbers in cells of channels. */
  readonly values: number
  readonly skippedRows: Readonly<Record<SkipReason, number>>
  readonly cells: { readonly missing: number; readonly unreadable: number }
  /** Epoch milliseconds of the earliest and the latest message. */
  readonly first: number
  readonly last: number
  /** Messages earlier than one of the same device before it, and messages at the same time as the one before. */
  readonly outOfOrder: number
  readonly sameTime: number
}

const MOST_DEVICES = 10_000

/** Reads the file once. Throws KENG_REPLAY_FILE, also where no row gives a message. */
export async function surveyRecording(path: string, map: RecordingMap): Promise<Survey> {
  const rows = openCsvRows(path, map, columnsOf(map))
  const reader = createRowReader(map, rows)
  const newest = new Map<string, number>()
  const skippedRows = { 'no-time': 0, 'no-device': 0, 'no-values': 0 }
  let [count, messages, values, outOfOrder, sameTime] = [0, 0, 0, 0, 0]
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for await (const row of rows) {
    count++
    const message = reader.read(row)
    if (typeof message === 'string') {
      skippedRows[message]++
      continue
    }
    messages++
    values += Object.keys(message.values).length
    first = Math.min(first, message.ts)
    last = Math.max(last, message.ts)
    const before = newest.get(message.device)
    if (before === undefined && newest.size === MOST_DEVICES) {
      throw new KengError(
        'KENG_REPLAY_FILE',
        `${path} has more than ${MOST_DEVICES} devices: is its device column the right one`,
      )
    }
    if (before !== undefined && message.ts < before) outOfOrder++
    if (before === message.ts) sameTime++
    newest.set(message.device, Math.max(before ?? message.ts, message.ts))
  }
  if (messages === 0) {
    const why = Object.entries(skippedRows).map(([reason, rowsSkipped]) => `${rowsSkipped} ${reason}`)
    throw new KengError('KENG_REPLAY_FILE', `none of the ${count} rows of ${path} gives a reading (${why.join(', ')})`)
  }
  return {
    devices: [...newest.keys()],
    rows: count,
    messages,
    values,
    skippedRows,
    cells: reader.cells,
    first,
    last,
    outOfOrder,
    sameTime,
  }
}
