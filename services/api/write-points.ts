/** Writes a long answer of readings in slices, so that nobody else waits for it. */

import { setImmediate as breathe } from 'node:timers/promises'

import type { Point } from '../../libs/ports/reading-store.ts'
import { isoTime } from './question-time.ts'
import { shownValue } from './views/value-view.ts'

export interface ReadingsHead {
  readonly device: string
  readonly channel: string
  readonly unit: string | null
}

// About 2 ms of work each.
const SLICE_POINTS = 2000

/** JSON text of `Readings`, slice by slice. */
export async function* writePoints(
  head: ReadingsHead,
  points: readonly Point[],
  next: string | null,
): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"points":[`
  for (let start = 0; start < points.length; start += SLICE_POINTS) {
    const slice = points.slice(start, start + SLICE_POINTS).map((point) => pointText(head.unit, point))
    yield start === 0 ? slice.join() : `,${slice.join()}`
    await breathe()
  }
  yield `],"next":${JSON.stringify(next)}}`
}

/** Flags come from a fixed table and numbers are finite, so nothing needs escaping. */
const pointText = (unit: string | null, [ts, value, flags]: Point): string =>
  `["${isoTime(ts)}",${shownValue(unit, value)},${flags.length === 0 ? '[]' : `["${flags.join('","')}"]`}]`
