/** Sessions of people: signed, not stored, so that a restart keeps everybody logged in. */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

import type { Clock } from '../../../libs/ports/clock.ts'

export interface Session {
  readonly id: string
  readonly name: string
  readonly role: 'admin'
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

export interface Sessions {
  begin(name: string): Session
  /** The same session with a whole life before it. */
  renew(session: Session): Session
  /** Text of the cookie. */
  seal(session: Session): string
  /** The session of a cookie, or null where it is forged, expired or ended. */
  open(sealed: string): Session | null
  /** Ends it for this process; after a restart a copy of the cookie is good until it expires. */
  end(session: Session): void
  isPastHalf(session: Session): boolean
}

const DAY_MS = 86_400_000
export const SESSION_MS = 7 * DAY_MS
const MAX_ENDED = 10_000
const PURPOSE = 'keng session 1\n'

export function createSessions({ key, clock }: { readonly key: Buffer; readonly clock: Clock }): Sessions {
  const ended = new Map<string, number>()
  const sign = (body: string): Buffer => createHmac('sha256', key).update(PURPOSE).update(body).digest()
  const expiry = (): number => clock.now() + SESSION_MS

  return {
    begin: (name) => ({ id: randomBytes(16).toString('base64url'), name, role: 'admin', expiresAt: expiry() }),
    renew: (session) => ({ ...session, expiresAt: expiry() }),
    isPastHalf: (session) => session.expiresAt - clock.now() < SESSION_MS / 2,
    seal(session) {
      const body = Buffer.from(JSON.stringify(session)).toString('base64url')
      return `${body}.${sign(body).toString('base64url')}`
    },
    open(sealed) {
      const [body = '', signature = ''] = sealed.split('.')
      const given = Buffer.from(signature, 'base64url')
      const right = sign(body)
      if (given.length !== right.length || !timingSafeEqual(given, right)) return null
      const session = JSON.parse(Buffer.from(body, 'base64url').toString()) as Session
      return session.expiresAt > clock.now() && !ended.has(session.id) ? session : null
    },
    end(session) {
      for (const [id, expiresAt] of ended) {
        if (expiresAt > clock.now() && ended.size < MAX_ENDED) break
        ended.delete(id)
      }
      ended.set(session.id, session.expiresAt)
    },
  }
}
