/** Alive, ready, metrics, and the description of it all: without a login, and without secrets. */

import { Type } from 'typebox'

import { CLOSED, WRONG_HOST } from '../schemas/answers.ts'
import type { TypedApp } from '../typed-app.ts'
import type { RouteParts } from './route-parts.ts'

const Health = Type.Object({ alive: Type.Boolean() }, CLOSED)
const Readiness = Type.Object(
  {
    ready: Type.Boolean(),
    parts: Type.Record(Type.String(), Type.Object({ ready: Type.Boolean(), detail: Type.String() }, CLOSED)),
  },
  CLOSED,
)

const open = { tags: ['system'], security: [] }

export function registerSystemRoutes(app: TypedApp, { readiness, metrics, meters, book }: RouteParts): void {
  app.get(
    '/healthz',
    { schema: { ...open, summary: 'Whether the process answers', response: { 200: Health, ...WRONG_HOST } } },
    (_request, reply) => reply.send({ alive: true }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        ...open,
        summary: 'State of each part; 503 while one is not ready',
        response: { 200: Readiness, 503: Readiness, ...WRONG_HOST },
      },
    },
    async (_request, reply) => {
      const parts = { ...(await readiness()), alerts: book.readiness() }
      const ready = Object.values(parts).every((part) => part.ready)
      return reply.code(ready ? 200 : 503).send({ ready, parts })
    },
  )

  app.get(
    '/metrics',
    {
      schema: {
        ...open,
        summary: 'Numbers for Prometheus',
        response: {
          200: { description: 'Prometheus text', content: { 'text/plain': { schema: Type.String() } } },
          ...WRONG_HOST,
        },
      },
    },
    async (_request, reply) => reply.type(meters.contentType).send(await metrics()),
  )

  app.get(
    '/api/openapi.json',
    { schema: { ...open, summary: 'This description', response: { 200: Type.Unknown(), ...WRONG_HOST } } },
    (_request, reply) => reply.send(app.swagger()),
  )
}
