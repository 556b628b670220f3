/** Counts what became of messages, by device and minute of arrival. */

import type { LedgerDelta, Outcome } from '../ledger.ts'

export interface LedgerCounter {
  /** `receivedAt` in epoch milliseconds. */
  count(device: string, receivedAt: number, outcome: Outcome): void
  /** What was counted since the last call: one row for each device and minute. */
  take(): LedgerDelta[]
}

type Row = { -readonly [field in keyof LedgerDelta]: LedgerDelta[field] }

const MINUTE_MS = 60_000

export function createLedgerCounter(): LedgerCounter {
  let rows: Row[] = []
  const byMinute = new Map<number, Map<string, Row>>()
  let minute = Number.NaN
  let current = new Map<string, Row>()

  const turnTo = (wanted: number): void => {
    minute = wanted
    current = byMinute.get(minute) ?? new Map<string, Row>()
    byMinute.set(minute, current)
  }

  return {
    count(device, receivedAt, outcome) {
      const wanted = Math.floor(receivedAt / MINUTE_MS) * MINUTE_MS
      if (wanted !== minute) turnTo(wanted)
      let row = current.get(device)
      if (row === undefined) {
        row = { device, minute, stored: 0, partial: 0, duplicate: 0, rejected: 0 }
        current.set(device, row)
        rows.push(row)
      }
      row[outcome]++
    },

    take() {
      const taken = rows
      rows = []
      byMinute.clear()
      minute = Number.NaN
      return taken
    },
  }
}
