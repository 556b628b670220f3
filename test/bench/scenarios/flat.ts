/** Memory at full rate for ten minutes: does it grow? */

import { connectLoad } from '../load/start-load.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { sampleMemory } from '../measure/sample-memory.ts'
import { startKeng } from '../servers/start-keng.ts'
import type { Bench, Outcome } from './scenario.ts'

const DEFAULT_SECONDS = 600
/** Two a client, so that each sends less than one message a millisecond and its time stamps stay near the clock. */
const DEVICES_PER_CLIENT = 2
const WANTED_MB_PER_MINUTE = 2

export async function flat({ t, options, say }: Bench): Promise<Outcome> {
  const seconds = options.seconds ?? DEFAULT_SECONDS
  const server = await startKeng(t)
  const connected = await connectLoad(t, server, {
    devices: await server.devices(options.clients * DEVICES_PER_CLIENT),
    window: options.window,
    loop: { kind: 'closed', seconds },
  })
  say(`full rate for ${seconds} s`)
  const [load, memory] = await sampleMemory(server.pid, measureLoad(server, connected))
  return {
    summary: `${load.storedPerSecond} messages/s stored for ${seconds} s: RSS ends at ${memory.endMb.toFixed(0)} MB, peak ${memory.peakMb.toFixed(0)} MB, slope ${memory.slopeMbPerMinute.toFixed(2)} MB a minute in the second half`,
    verdicts: [
      {
        wanted: `memory grows by less than ${WANTED_MB_PER_MINUTE} MB a minute`,
        held: memory.slopeMbPerMinute < WANTED_MB_PER_MINUTE,
      },
    ],
    figures: { memory, load },
  }
}
