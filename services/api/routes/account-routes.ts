/** What became of messages: the ledger, and the refused ones. */

import { decodeCursor, encodeCursor } from '../cursor.ts'
import { parseRange } from '../question-time.ts'
import { answers, DEFAULT_LIMIT } from '../schemas/answers.ts'
import { Ledger, LedgerQuestion, RejectionList, RejectionsQuestion } from '../schemas/telemetry-schema.ts'
import type { TypedApp } from '../typed-app.ts'
import { rejectionView } from '../views/rejection-view.ts'
import type { RouteParts } from './route-parts.ts'

export function registerAccountRoutes(app: TypedApp, { pipeline }: RouteParts): void {
  app.get(
    '/ledger',
    {
      schema: {
        tags: ['accounts'],
        summary: 'Every message accounted for, by arrival, in whole minutes',
        querystring: LedgerQuestion,
        response: answers({ 200: Ledger }, 422, 503),
      },
    },
    async ({ query }) => {
      const { device } = query
      const sum = await pipeline.ledger({ ...parseRange(query), ...(device !== undefined && { device }) })
      const { received, stored, partial, duplicate, rejected, inFlight } = sum
      return { received, stored, partial, duplicate, rejected, inFlight }
    },
  )

  app.get(
    '/rejections',
    {
      schema: {
        tags: ['accounts'],
        summary: 'Refused messages, newest first',
        querystring: RejectionsQuestion,
        response: answers({ 200: RejectionList }, 422, 503),
      },
    },
    async ({ query }) => {
      const { device, code, limit = DEFAULT_LIMIT, cursor } = query
      const found = await pipeline.rejections({
        ...parseRange(query),
        ...(device !== undefined && { device }),
        ...(code !== undefined && { code }),
        ...(cursor !== undefined && { after: decodeCursor(cursor, 'string')[0] }),
        limit: limit + 1,
      })
      const items = found.slice(0, limit)
      const last = items.at(-1)
      const next = found.length > limit && last !== undefined ? encodeCursor(last.id) : null
      return { items: items.map(rejectionView), next }
    },
  )
}
