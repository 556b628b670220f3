/** Waits for a condition by asking again, for code outside a test body where `expect.poll` is not at hand. */

import { setTimeout as pause } from 'node:timers/promises'

/** Resolves with the first result that is not undefined, null or false; throws with `what` after the limit. */
export async function waitUntil<Result>(
  what: string,
  ask: () => Promise<Result | undefined | null | false> | Result | undefined | null | false,
  limitMs = 10_000,
): Promise<Result> {
  const end = performance.now() + limitMs
  for (;;) {
    const result = await ask()
    if (result !== undefined && result !== null && result !== false) return result
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain until ${what}`)
    await pause(10)
  }
}
