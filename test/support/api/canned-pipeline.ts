/** A pipeline that answers what the test put in, and live readings that the test sends. */

import type { Rejection } from '../../../libs/core/rejection.ts'
import type { LatestValue, LiveReading, LiveReadings, Pipeline } from '../../../libs/ports/pipeline.ts'
import type { Point, ReadingsQuery, RejectionsQuery } from '../../../libs/ports/reading-store.ts'

export interface CannedPipeline extends Pipeline {
  points: Point[]
  rejected: Rejection[]
  readonly latestOf: Map<string, LatestValue[]>
  /** What was asked last. */
  asked: ReadingsQuery | RejectionsQuery | null
  fail: Error | null
}

export function createCannedPipeline(): CannedPipeline {
  const pipeline: CannedPipeline = {
    points: [],
    rejected: [],
    latestOf: new Map(),
    asked: null,
    fail: null,
    async readings(query) {
      if (pipeline.fail !== null) throw pipeline.fail
      pipeline.asked = query
      return pipeline.points.filter(([ts]) => ts >= query.from && ts < query.to).slice(0, query.limit)
    },
    async latest({ devices }) {
      return new Map(
        devices.flatMap((id) => (pipeline.latestOf.has(id) ? [[id, pipeline.latestOf.get(id) ?? []]] : [])),
      )
    },
    async ledger() {
      return { received: 9, stored: 5, partial: 1, duplicate: 1, rejected: 1, inFlight: 1 }
    },
    async rejections(query) {
      pipeline.asked = query
      const start = query.after === undefined ? 0 : pipeline.rejected.findIndex(({ id }) => id === query.after) + 1
      return pipeline.rejected.slice(start, start + query.limit)
    },
    state: async () => ({ committed: 0, end: 0, trouble: null }),
  }
  return pipeline
}

export interface SentReadings extends LiveReadings {
  send(...readings: readonly LiveReading[]): void
  listeners(): number
}

export function createSentReadings(): SentReadings {
  const listeners = new Set<(readings: readonly LiveReading[]) => void>()
  return {
    send: (...readings) => {
      for (const listener of listeners) listener(readings)
    },
    listeners: () => listeners.size,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
