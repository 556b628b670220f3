/** Stored readings, raw or in buckets. */

import { Readable } from 'node:stream'

import { KengError } from '../../../libs/core/errors.ts'
import type { ReadingsQuery } from '../../../libs/ports/reading-store.ts'
import { parseBucket } from '../bucket.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { invalid } from '../invalid-request.ts'
import { parseRange } from '../question-time.ts'
import { answers } from '../schemas/answers.ts'
import { MAX_POINTS, Readings, ReadingsQuestion } from '../schemas/telemetry-schema.ts'
import type { TypedApp } from '../typed-app.ts'
import { unitOf } from '../views/value-view.ts'
import { writePoints } from '../write-points.ts'
import type { RouteParts } from './route-parts.ts'

const DAY_MS = 86_400_000
/** Between two times that readings can have: those of suspect clocks lie on halves of a millisecond. */
const NEXT_TIME_MS = 0.5

export function registerReadingRoutes(app: TypedApp, { pipeline, registry, clock }: RouteParts): void {
  app.get(
    '/readings',
    {
      schema: {
        tags: ['readings'],
        summary: 'Readings of one channel of one device, in time order',
        querystring: ReadingsQuestion,
        response: answers({ 200: Readings }, 404, 422, 503),
      },
    },
    async ({ query }, reply) => {
      const question = askedReadings(query, clock.now())
      const { limit } = question
      // One more than asked tells whether there is more.
      const found = await pipeline.readings({ ...question, limit: limit + 1 })
      const { device, channel } = query
      if (found.length === 0 && registry.get(device) === undefined) {
        throw new KengError('KENG_REGISTRY_UNKNOWN', JSON.stringify(device))
      }
      const points = found.length > limit ? found.slice(0, limit) : found
      const last = points.at(-1)
      const next = found.length > limit && last !== undefined ? encodeCursor(last[0]) : null
      // A count is a number also where the channel is a bool.
      const unit = question.every?.fn === 'count' ? '1' : unitOf(channel)
      reply.type('application/json; charset=utf-8')
      return reply.send(Readable.from(writePoints({ device, channel, unit }, points, next)))
    },
  )
}

interface Question {
  readonly device: string
  readonly channel: string
  readonly from?: string
  readonly to?: string
  readonly every?: string
  readonly fn?: 'mean' | 'min' | 'max' | 'last' | 'count'
  readonly flagged?: 'include'
  readonly limit?: number
  readonly cursor?: string
}

function askedReadings(query: Question, now: number): ReadingsQuery {
  const { device, channel, every, fn, flagged, limit = MAX_POINTS, cursor } = query
  if (fn !== undefined && every === undefined) throw invalid('/query/fn', 'needs every')
  const range = parseRange(query)
  const to = range.to ?? now
  const bucketMs = every === undefined ? undefined : parseBucket(every)
  // The cursor is the last point's time: the next page begins behind it, or with the next bucket.
  const from =
    cursor === undefined ? (range.from ?? to - DAY_MS) : decodeCursor(cursor, 'number')[0] + (bucketMs ?? NEXT_TIME_MS)
  return {
    device,
    channel,
    from,
    to,
    ...(bucketMs !== undefined && { every: { milliseconds: bucketMs, fn: fn ?? 'mean' } }),
    flagged: flagged ?? 'leave-out',
    limit,
  }
}
