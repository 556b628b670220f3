/** The live stream: Server-Sent Events (docs/http.md). */

import { Type } from 'typebox'

import { KengError } from '../../../libs/core/errors.ts'
import { invalid } from '../invalid-request.ts'
import { LIVE_TYPES, type LiveType, type LiveWish } from '../live/live-event.ts'
import { answers, CLOSED } from '../schemas/answers.ts'
import type { TypedApp } from '../typed-app.ts'
import type { RouteParts } from './route-parts.ts'

const LiveQuestion = Type.Object(
  {
    types: Type.Optional(
      Type.String({ maxLength: 100, description: `${LIVE_TYPES.join(', ')}, or several with commas; all unless said` }),
    ),
    area: Type.Optional(Type.String({ maxLength: 4000, description: 'one or several with commas' })),
    device: Type.Optional(Type.String({ maxLength: 4000, description: 'one or several with commas' })),
  },
  CLOSED,
)

const STREAM = {
  description: 'Events named reset, reading, alert and device: docs/http.md',
  content: { 'text/event-stream': { schema: Type.String() } },
}

export function registerLiveRoute(app: TypedApp, { feed }: RouteParts): void {
  app.get(
    '/live',
    {
      schema: {
        tags: ['live'],
        summary: 'Readings, alerts and devices as they change; resumes behind Last-Event-ID',
        querystring: LiveQuestion,
        response: answers({ 200: STREAM }, 422, 503),
      },
    },
    (request, reply) => {
      const wish = wishOf(request.query)
      if (feed.isFull()) throw new KengError('KENG_HTTP_BUSY', `${feed.size()} live streams are open`)
      reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        // nginx would hold events back otherwise.
        .header('x-accel-buffering', 'no')
      reply.hijack()
      const { raw } = reply
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value)
      raw.writeHead(200)
      raw.flushHeaders()
      feed.follow({
        sink: raw,
        wish,
        lastEventId: headerText(request.headers['last-event-id']),
        session: request.login?.session ?? null,
      })
    },
  )
}

const headerText = (value: string | string[] | undefined): string | undefined =>
  value === '' ? undefined : value?.toString()

const listed = (text: string | undefined): ReadonlySet<string> | null =>
  text === undefined || text === '' ? null : new Set(text.split(','))

function wishOf(query: { readonly types?: string; readonly area?: string; readonly device?: string }): LiveWish {
  const types = listed(query.types) ?? new Set(LIVE_TYPES)
  for (const type of types) {
    if (!isLiveType(type))
      throw invalid('/query/types', `is not known: ${type.slice(0, 40)}, there is ${LIVE_TYPES.join(', ')}`)
  }
  return { types: types as ReadonlySet<LiveType>, areas: listed(query.area), devices: listed(query.device) }
}

const isLiveType = (text: string): text is LiveType => (LIVE_TYPES as readonly string[]).includes(text)
