/** Times as people and programs write them in questions (`from`, `to`). */

import { invalid } from './invalid-request.ts'

// Asia/Ho_Chi_Minh has had no other offset since 1975; day boundaries of answers are there (contract.md, section 3).
const LOCAL_OFFSET = '+07:00'
const EPOCH = /^-?\d{1,15}$/
const ISO = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i
// In an address a plus that is not escaped arrives as a blank.
const LOST_PLUS = / (?=\d{2}:?\d{2}$)/

/** Epoch milliseconds of ISO 8601, of a date, or of epoch milliseconds; local where no offset is given. Throws a 422 naming `path`. */
export function parseQuestionTime(path: string, text: string): number {
  if (EPOCH.test(text)) return Number(text)
  const [, date, time = '00:00', offset = LOCAL_OFFSET] = ISO.exec(text.trim().replace(LOST_PLUS, '+')) ?? []
  const ms = date === undefined ? Number.NaN : Date.parse(`${date}T${time}${withColon(offset)}`)
  if (date === undefined || Number.isNaN(ms) || !isDay(date)) {
    throw invalid(path, `is no time: ${JSON.stringify(text.slice(0, 40))}, use ISO 8601 or epoch milliseconds`)
  }
  return ms
}

const withColon = (offset: string): string =>
  offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset.toUpperCase()

// Date.parse takes 30 February for 2 March.
const isDay = (date: string): boolean => new Date(`${date}T00:00:00Z`).toISOString().startsWith(date)

export interface TimeRange {
  readonly from?: number
  readonly to?: number
}

/** The range of a question; either end may be missing. Throws a 422 where it ends before it begins. */
export function parseRange(query: { readonly from?: string; readonly to?: string }): TimeRange {
  const from = query.from === undefined ? undefined : parseQuestionTime('/query/from', query.from)
  const to = query.to === undefined ? undefined : parseQuestionTime('/query/to', query.to)
  if (from !== undefined && to !== undefined && from > to) throw invalid('/query/to', 'is before from')
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
}

export const isoTime = (epochMs: number): string => new Date(epochMs).toISOString()
