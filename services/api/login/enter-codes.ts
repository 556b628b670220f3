/** One-time codes of the link that opens the page with a session. */

import { createHash, randomBytes } from 'node:crypto'

import type { Clock } from '../../../libs/ports/clock.ts'

export interface EnterCodes {
  issue(): { readonly code: string; readonly expiresAt: number }
  /** True once for each code, within ten minutes. */
  redeem(code: string): boolean
}

export const CODE_LIFE_MS = 10 * 60_000
const MAX_CODES = 100

export function createEnterCodes(clock: Clock): EnterCodes {
  // Kept as hashes: how long a look-up takes then says nothing about a code. Oldest first.
  const dueOf = new Map<string, number>()
  const hash = (code: string): string => createHash('sha256').update(code).digest('base64')

  return {
    issue() {
      const code = randomBytes(16).toString('base64url')
      const [oldest] = dueOf.keys()
      if (dueOf.size >= MAX_CODES && oldest !== undefined) dueOf.delete(oldest)
      dueOf.set(hash(code), clock.monotonic() + CODE_LIFE_MS)
      return { code, expiresAt: clock.now() + CODE_LIFE_MS }
    },
    redeem(code) {
      const key = hash(code)
      const due = dueOf.get(key)
      dueOf.delete(key)
      return due !== undefined && due > clock.monotonic()
    },
  }
}
