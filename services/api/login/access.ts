/** How the server is reached decides how people may log in: which cookie, which Host, which Origin. */

import type { FastifyRequest } from 'fastify'

import { KengError } from '../../../libs/core/errors.ts'
import type { ApiOptions } from '../api-deps.ts'

export interface Access {
  /** Null where people may not log in: off loopback without HTTPS. */
  readonly cookie: { readonly name: string; readonly secure: boolean } | null
  readonly https: boolean
  /** Throws KENG_HTTP_HOST where a foreign name was pointed at this machine (DNS rebinding). */
  checkHost(request: FastifyRequest): void
  /** Throws KENG_HTTP_ORIGIN where a browser sends this for another page (CSRF); `needed`: a missing Origin is refused too. */
  checkOrigin(request: FastifyRequest, needed: 'always' | 'if-sent'): void
}

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])

export const isLoopback = (host: string): boolean =>
  LOOPBACK_NAMES.has(host) || host === '::1' || host.startsWith('127.')

export function createAccess(options: ApiOptions): Access {
  const publicUrl = options.publicUrl === undefined ? null : new URL(options.publicUrl)
  const onLoopback = isLoopback(options.host)
  const https = options.tls !== undefined || publicUrl?.protocol === 'https:'
  const names = new Set(LOOPBACK_NAMES)
  if (publicUrl !== null) names.add(publicUrl.hostname)
  if (onLoopback) names.add(options.host)

  return {
    https,
    cookie:
      https || onLoopback
        ? { name: '__Host-keng', secure: true }
        : options.plainHttp === 'allow'
          ? { name: 'keng', secure: false }
          : null,
    checkHost({ headers }) {
      if (!onLoopback) return
      const name = nameOf(headers.host ?? '')
      if (!names.has(name)) throw new KengError('KENG_HTTP_HOST', JSON.stringify(name.slice(0, 100)))
    },
    checkOrigin({ headers }, needed) {
      const { origin, host, 'sec-fetch-site': site } = headers
      if (origin === undefined && needed === 'if-sent' && site !== 'cross-site') return
      const own = origin !== undefined && (origin === publicUrl?.origin || hostOf(origin) === host?.toLowerCase())
      if (!own) throw new KengError('KENG_HTTP_ORIGIN', `Origin is ${JSON.stringify(origin?.slice(0, 100) ?? null)}`)
    },
  }
}

/** `[::1]:8080` → `[::1]`, `Localhost:8080` → `localhost`. */
const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, '')

function hostOf(origin: string): string | null {
  try {
    const { host, protocol } = new URL(origin)
    return protocol === 'http:' || protocol === 'https:' ? host : null
  } catch {
    return null
  }
}
