/** What tests under test/services need beyond Node, and whether this machine has it. */

import { spawnSync } from 'node:child_process'

const runs = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** Why each is absent, or undefined where it is there. */
const CHECKS = {
  chromium: () => (runs('chromium', '--version') ? undefined : 'chromium is not installed'),
  ffmpeg: () => (runs('ffmpeg', '-version') ? undefined : 'ffmpeg is not installed'),
  faults: () => {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      return 'faults need root on Linux (a tmpfs is mounted)'
    if (!runs('strace', '-f', '-e', 'trace=none', 'true')) return 'strace is not installed or not allowed'
    if (!runs('faketime', '2020-01-01', 'true')) return 'faketime is not installed'
    return undefined
  },
} as const satisfies Record<string, () => string | undefined>

export type Requirement = keyof typeof CHECKS

/**
 * For `describe.skipIf(isAbsent('chromium'))`: true skips and prints the reason; where KENG_REQUIRE names it, its absence is an error,
 * so that no continuous build is green because it skipped.
 */
export function isAbsent(name: Requirement): boolean {
  const reason = CHECKS[name]()
  if (reason === undefined) return false
  if ((process.env.KENG_REQUIRE ?? '').split(',').includes(name)) throw new Error(`KENG_REQUIRE=${name}, but ${reason}`)
  process.stderr.write(`skipped: ${reason}\n`)
  return true
}
