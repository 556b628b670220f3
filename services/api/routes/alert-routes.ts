/** Alerts, and what people do about them. */

import type { AlertState, OperatorAction } from '../../../libs/core/alarm/alert.ts'
import { KengError } from '../../../libs/core/errors.ts'
import type { AlertFilter } from '../alert-index.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { parseRange } from '../question-time.ts'
import { AlertAnswer, AlertList, AlertsQuery, NeededComment, OptionalComment } from '../schemas/alert-schema.ts'
import { answers, DEFAULT_LIMIT, ID_PARAMS } from '../schemas/answers.ts'
import type { TypedApp } from '../typed-app.ts'
import { alertView } from '../views/alert-view.ts'
import type { RouteParts } from './route-parts.ts'

const ACTIONS = [
  { verb: 'acknowledge', type: 'acknowledged', body: OptionalComment, summary: 'Say that somebody has seen to it' },
  { verb: 'comment', type: 'commented', body: NeededComment, summary: 'Add a comment' },
  { verb: 'close', type: 'closed', body: OptionalComment, summary: 'Close by hand' },
] as const satisfies readonly { readonly verb: string; readonly type: OperatorAction['type']; [key: string]: unknown }[]

export function registerAlertRoutes(app: TypedApp, { book }: RouteParts): void {
  app.get(
    '/alerts',
    {
      schema: {
        tags: ['alerts'],
        summary: 'Alerts, newest opened first; hidden ones too, marked',
        querystring: AlertsQuery,
        response: answers({ 200: AlertList }, 422),
      },
    },
    ({ query }, reply) => {
      const { limit = DEFAULT_LIMIT, cursor, state, area, rule, device } = query
      const filter: AlertFilter = {
        ...parseRange(query),
        ...(state !== undefined && { states: new Set(state.split(',') as AlertState[]) }),
        ...(area !== undefined && { area }),
        ...(rule !== undefined && { rule }),
        ...(device !== undefined && { device }),
      }
      const [openedAt, id] = cursor === undefined ? [] : decodeCursor(cursor, 'number', 'string')
      const after = openedAt === undefined || id === undefined ? undefined : { openedAt, id }
      const { items, next } = book.list(filter, limit, after)
      return reply.send({
        items: items.map(alertView),
        next: next === null ? null : encodeCursor(next.openedAt, next.id),
      })
    },
  )

  app.get(
    '/alerts/:id',
    {
      schema: {
        tags: ['alerts'],
        summary: 'One alert',
        params: ID_PARAMS,
        response: answers({ 200: AlertAnswer }, 404),
      },
    },
    ({ params: { id } }, reply) => {
      const alert = book.get(id)
      if (alert === undefined) throw new KengError('KENG_ALERT_UNKNOWN', JSON.stringify(id.slice(0, 200)))
      return reply.send(alertView(alert))
    },
  )

  for (const { verb, type, body, summary } of ACTIONS) {
    app.post(
      `/alerts/:id/${verb}`,
      {
        // Nothing to say is a request without a body.
        preValidation: (request, _reply, next) => {
          request.body ??= {}
          next()
        },
        schema: {
          tags: ['alerts'],
          summary,
          params: ID_PARAMS,
          body,
          response: answers({ 200: AlertAnswer }, 400, 404, 409, 415, 422, 503),
        },
      },
      async ({ params, body: { comment }, login }) => {
        const by = login?.name ?? 'nobody'
        return alertView(await book.act(params.id, type, by, comment))
      },
    )
  }
}
