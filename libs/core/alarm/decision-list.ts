/** Writes down decisions with the place in the log where they were taken. */

import type { DecodedRecord } from '../decode/decoded.ts'
import type { DecidedAt, Decision } from './alert.ts'

export interface DecisionList {
  /** Decisions from here on are taken at this record. */
  begin(record: DecodedRecord): void
  /** The place of the next decision. Each place is given once. */
  place(): DecidedAt
  add(decision: Decision): void
  /** All since the last take, in order. */
  take(): readonly Decision[]
}

const NONE: readonly Decision[] = []

export function createDecisionList(): DecisionList {
  let partition = 0
  let offset = 0
  let index = 0
  let decisions: Decision[] = []
  return {
    begin(record) {
      partition = record.partition
      offset = record.offset
      index = 0
    },
    place() {
      const place = { partition, offset, index }
      index++
      return place
    },
    add(decision) {
      decisions.push(decision)
    },
    take() {
      if (decisions.length === 0) return NONE
      const taken = decisions
      decisions = []
      return taken
    },
  }
}
