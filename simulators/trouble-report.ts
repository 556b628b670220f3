/** Tells a person about connection trouble, once a while: a thousand devices fail a thousand times in the same way. */

import type { ErrorCode, KengError } from '../libs/core/errors.ts'
import type { Clock } from '../libs/ports/clock.ts'

const QUIET_MS = 10_000

/** One line for each kind of trouble in ten seconds, with how many went unsaid. */
export function createTroubleReport(clock: Clock, warn: (line: string) => void): (error: KengError) => void {
  const said = new Map<ErrorCode, { at: number; unsaid: number }>()
  return (error) => {
    const now = clock.monotonic()
    const before = said.get(error.code)
    if (before !== undefined && now - before.at < QUIET_MS) {
      before.unsaid++
      return
    }
    const more = before !== undefined && before.unsaid > 0 ? ` (${before.unsaid} times more since the last line)` : ''
    warn(`${error.message}${more}`)
    said.set(error.code, { at: now, unsaid: 0 })
  }
}
