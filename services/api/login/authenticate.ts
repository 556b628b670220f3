/** Who asks: a bearer token, a device's own token, or the session in the cookie. Everything else is refused. */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { KengError } from '../../../libs/core/errors.ts'
import type { DeviceCredentials, Registry } from '../../../libs/ports/registry.ts'
import type { Access } from './access.ts'
import type { Session, Sessions } from './sessions.ts'

export interface Login {
  /** Who stands in histories. */
  readonly name: string
  readonly role: 'admin' | 'device'
  /** Null for tokens. */
  readonly session: Session | null
}

interface Parts {
  readonly adminToken: () => string
  readonly sessions: Sessions
  readonly access: Access
  readonly registry: Registry
  readonly credentials: DeviceCredentials
  /** Counts a wrong token of the address; resolves with the seconds to wait, or null below the bound. */
  readonly countWrongToken: (request: FastifyRequest) => Promise<number | null>
}

const SAFE_METHODS = new Set(['GET', 'HEAD'])

/** An onRequest hook for everything under /api/v1. */
export function createAuthenticate(parts: Parts) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const who = request.routeOptions.config.access
    const bearer = bearerOf(request)
    if (bearer !== null) request.login = loginOfToken(parts, request, bearer)
    else request.login = loginOfCookie(parts, request)
    if (request.login !== null || who === 'everybody') return
    reply.header('www-authenticate', 'Bearer')
    if (bearer === null) throw new KengError('KENG_HTTP_LOGIN_REQUIRED', 'there is neither a token nor a session')
    const waitSeconds = await parts.countWrongToken(request)
    if (waitSeconds === null) throw new KengError('KENG_HTTP_LOGIN_REQUIRED', 'the token is not known')
    reply.header('retry-after', waitSeconds)
    throw new KengError('KENG_HTTP_RATE', `wrong tokens from ${request.ip}`)
  }
}

const bearerOf = ({ headers }: FastifyRequest): string | null =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null

function loginOfToken(parts: Parts, request: FastifyRequest, token: string): Login | null {
  if (isSame(token, parts.adminToken())) return { name: 'admin', role: 'admin', session: null }
  if (request.routeOptions.config.access !== 'device') return null
  const { id = '' } = request.params as { id?: string }
  const gateway = parts.registry.get(id)?.gateway
  for (const owner of gateway === undefined ? [id] : [id, gateway]) {
    if (parts.credentials.verify(owner, token)) return { name: owner, role: 'device', session: null }
  }
  return null
}

function loginOfCookie({ access, sessions }: Parts, request: FastifyRequest): Login | null {
  const sealed = access.cookie === null ? undefined : request.cookies[access.cookie.name]
  const session = sealed === undefined ? null : sessions.open(sealed)
  if (session === null) return null
  access.checkOrigin(request, SAFE_METHODS.has(request.method) ? 'if-sent' : 'always')
  return { name: session.name, role: session.role, session }
}

/** Takes as long for a near miss as for nonsense. */
function isSame(given: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return right.length > 0 && timingSafeEqual(digest(given), digest(right))
}
