/** Logging in with the one-time code of the start link, and out again. */

import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'

import { KengError } from '../../../libs/core/errors.ts'
import type { Session } from '../login/sessions.ts'
import { isoTime } from '../question-time.ts'
import { answers, CLOSED, Iso, NOTHING } from '../schemas/answers.ts'
import type { TypedApp } from '../typed-app.ts'
import type { RouteParts } from './route-parts.ts'

const SessionAnswer = Type.Object(
  {
    name: Type.String(),
    role: Type.String(),
    expiresAt: Type.Union([Iso, Type.Null()], { description: 'null for a bearer token' }),
  },
  CLOSED,
)
const CodeAnswer = Type.Object({ code: Type.String(), url: Type.String(), expiresAt: Iso }, CLOSED)
const CodeBody = Type.Object({ code: Type.String({ minLength: 1, maxLength: 100 }) }, CLOSED)

const LOGINS_A_MINUTE = { max: 10, timeWindow: '1 minute' } as const

export function registerSessionRoutes(app: TypedApp, { sessions, codes, access, feed, enterUrl }: RouteParts): void {
  const setCookie = (reply: FastifyReply, session: Session): void => {
    if (access.cookie === null) return
    const { name, secure } = access.cookie
    const expires = new Date(session.expiresAt)
    reply.setCookie(name, sessions.seal(session), { path: '/', httpOnly: true, sameSite: 'strict', secure, expires })
  }
  const view = ({ name, role, expiresAt }: Session) => ({ name, role, expiresAt: isoTime(expiresAt) })

  app.post(
    '/session',
    {
      config: { access: 'everybody', rateLimit: LOGINS_A_MINUTE },
      schema: {
        tags: ['session'],
        summary: 'Exchange a one-time code for a session',
        security: [],
        body: CodeBody,
        response: answers({ 201: SessionAnswer }, 400, 415, 422),
      },
    },
    (request, reply) => {
      access.checkOrigin(request, 'if-sent')
      if (access.cookie === null) throw new KengError('KENG_HTTP_PLAIN', 'this connection is plain HTTP')
      if (!codes.redeem(request.body.code)) {
        throw new KengError('KENG_HTTP_CODE_INVALID', 'it was used, is older than ten minutes, or was never given out')
      }
      const session = sessions.begin('admin')
      setCookie(reply, session)
      return reply.code(201).send(view(session))
    },
  )

  app.get(
    '/session',
    { schema: { tags: ['session'], summary: 'Who is logged in', response: answers({ 200: SessionAnswer }) } },
    ({ login }, reply) => {
      if (login === null) throw new KengError('KENG_HTTP_LOGIN_REQUIRED', 'there is no session')
      if (login.session === null) return reply.send({ name: login.name, role: login.role, expiresAt: null })
      if (!sessions.isPastHalf(login.session)) return reply.send(view(login.session))
      const renewed = sessions.renew(login.session)
      setCookie(reply, renewed)
      return reply.send(view(renewed))
    },
  )

  app.delete(
    '/session',
    {
      config: { access: 'everybody' },
      schema: { tags: ['session'], summary: 'Log out', security: [], response: answers({ 204: NOTHING }) },
    },
    ({ login }, reply) => {
      if (login !== null && login.session !== null) {
        sessions.end(login.session)
        feed.endSession(login.session.id)
      }
      if (access.cookie !== null) reply.clearCookie(access.cookie.name, { path: '/', secure: access.cookie.secure })
      return reply.code(204).send()
    },
  )

  app.post(
    '/session/codes',
    {
      schema: {
        tags: ['session'],
        summary: 'A new one-time code and its link; bearer token only',
        response: answers({ 201: CodeAnswer }),
      },
    },
    ({ login }, reply) => {
      // A session must not be able to make sessions: a stolen one would never end.
      if (login?.session !== null) throw new KengError('KENG_HTTP_FORBIDDEN', 'a session cannot make codes')
      const { code, expiresAt } = codes.issue()
      return reply.code(201).send({ code, url: enterUrl(code), expiresAt: isoTime(expiresAt) })
    },
  )
}
