/** Where the CPU goes at full rate: V8 profiles of every thread, added up by part. Run on its own: profiling slows what it looks at. */

import { join } from 'node:path'

import { tempDir } from '../../support/temp-dir.ts'
import { summariseProfiles } from '../measure/summarise-profile.ts'
import { startKeng } from '../servers/start-keng.ts'
import { measureFullRate } from './full-rate.ts'
import type { Bench, Outcome } from './scenario.ts'

const DEFAULT_SECONDS = 15
const SHOWN = 12

export async function profile(bench: Bench): Promise<Outcome> {
  const folder = join(tempDir(bench.t), 'profiles')
  const server = await startKeng(bench.t, { nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${folder}`] })
  const load = await measureFullRate(bench, server, bench.options.seconds ?? DEFAULT_SECONDS)
  await server.stop()
  const threads = summariseProfiles(folder)
  for (const { busySeconds, shares } of threads) {
    bench.say(`a thread, busy for ${busySeconds.toFixed(1)} s:`)
    for (const { part, share } of shares.slice(0, SHOWN))
      bench.say(`  ${(share * 100).toFixed(1).padStart(5)} %  ${part}`)
  }
  return {
    summary: `${threads.length} threads busy for ${threads.map(({ busySeconds }) => busySeconds.toFixed(1)).join(', ')} s at ${load.storedPerSecond} messages/s stored`,
    verdicts: [],
    figures: { threads, load },
  }
}
