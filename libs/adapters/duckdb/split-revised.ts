/** Sorts out revisions within one batch: the newer arrival stands, the older one is kept as replaced. Pure. */

import { FLAG, type Reading } from '../../core/reading.ts'

export interface SplitReadings {
  /** To be stored, one for each (series, ts). */
  readonly kept: readonly Reading[]
  /** Those of them that may replace a row of an earlier batch. */
  readonly revised: readonly Reading[]
  /** Readings of this very batch that a later one of it replaces. */
  readonly replacedInBatch: readonly Reading[]
}

const keyOf = ({ series, ts }: Reading): string => `${series}/${ts}`

export function splitRevised(readings: readonly Reading[]): SplitReadings {
  const revised = new Map<string, Reading>()
  for (const reading of readings) if ((reading.flags & FLAG.revised) !== 0) revised.set(keyOf(reading), reading)
  if (revised.size === 0) return { kept: readings, revised: [], replacedInBatch: [] }
  const kept: Reading[] = []
  const replacedInBatch: Reading[] = []
  for (const reading of readings) {
    const last = revised.get(keyOf(reading))
    if (last === undefined || last === reading) kept.push(reading)
    else replacedInBatch.push(reading)
  }
  return { kept, revised: [...revised.values()], replacedInBatch }
}
