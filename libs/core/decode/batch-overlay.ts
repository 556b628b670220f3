/** The points that a batch has stored so far, for messages of the same batch that come back to them. */

import type { Reading } from '../reading.ts'

export interface BatchOverlay {
  add(reading: Reading): void
  /** The value that this batch has stored at the point, or undefined. */
  valueAt(series: number, ts: number): number | undefined
  /** The last value that this batch has stored with this time of a suspect clock, or undefined. */
  claimedAt(series: number, claimed: number): number | undefined
}

export function createBatchOverlay(): BatchOverlay {
  const points = new Map<number, Map<number, number>>()
  const claims = new Map<number, Map<number, number>>()

  return {
    add({ series, ts, value, claimedTs }) {
      put(points, series, ts, value)
      if (claimedTs !== undefined) put(claims, series, claimedTs, value)
    },
    valueAt: (series, ts) => points.get(series)?.get(ts),
    claimedAt: (series, claimed) => claims.get(series)?.get(claimed),
  }
}

function put(where: Map<number, Map<number, number>>, series: number, ts: number, value: number): void {
  let values = where.get(series)
  if (values === undefined) {
    values = new Map()
    where.set(series, values)
  }
  values.set(ts, value)
}
