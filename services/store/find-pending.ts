/** Looks points up in readings that are not committed yet. Pure. */

import type { Reading } from '../../libs/core/reading.ts'
import type { PointKey } from '../../libs/ports/reading-store.ts'

const keyOf = (series: number, ts: number, claimed: boolean): string => `${series}/${ts}/${claimed}`

/** `batches` oldest first: where a point stands twice, the newer arrival counts. */
export function findPending(
  points: readonly PointKey[],
  batches: readonly (readonly Reading[])[],
): (number | undefined)[] {
  const wanted = new Map<string, number[]>()
  points.forEach(({ series, ts, claimed = false }, at) => {
    const key = keyOf(series, ts, claimed)
    const places = wanted.get(key)
    if (places === undefined) wanted.set(key, [at])
    else places.push(at)
  })
  const found: (number | undefined)[] = new Array(points.length).fill(undefined)
  const series = new Set(points.map((point) => point.series))
  const put = (key: string, value: number) => {
    for (const at of wanted.get(key) ?? []) found[at] = value
  }
  for (const batch of batches) {
    for (const reading of batch) {
      if (!series.has(reading.series)) continue
      put(keyOf(reading.series, reading.ts, false), reading.value)
      if (reading.claimedTs !== undefined) put(keyOf(reading.series, reading.claimedTs, true), reading.value)
    }
  }
  return found
}
