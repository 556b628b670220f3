/** A commune of 500 devices on a box with little memory: the server inside a hard limit of 512 MiB. */

import { connectLoad } from '../load/start-load.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { limitMemory } from '../measure/memory-limit.ts'
import { memoryOf } from '../measure/process-usage.ts'
import { sampleMemory } from '../measure/sample-memory.ts'
import { startKeng } from '../servers/start-keng.ts'
import type { Bench, Outcome } from './scenario.ts'

const DEFAULT_SECONDS = 180
const DEVICES = 500
const LIMIT_MIB = 512

export async function commune512({ t, options, say }: Bench): Promise<Outcome> {
  const seconds = options.seconds ?? DEFAULT_SECONDS
  const limit = limitMemory(t, LIMIT_MIB)
  const isLimited = 'prefix' in limit
  say(isLimited ? `inside a control group of ${LIMIT_MIB} MiB` : `without a limit, peak RSS only: ${limit.why}`)
  const server = await startKeng(t, isLimited ? { prefix: limit.prefix } : {})
  const connected = await connectLoad(t, server, {
    devices: await server.devices(DEVICES),
    window: 4,
    loop: { kind: 'open', messagesPerSecond: DEVICES / 60, seconds },
  })
  const [load, memory] = await sampleMemory(server.pid, measureLoad(server, connected))
  const group = isLimited ? { peakMib: limit.peakMib(), timesAtLimit: limit.timesAtLimit() } : undefined
  const { peakRssMib } = memoryOf(server.pid)
  await server.stop()
  return {
    summary: `${DEVICES} devices at one message a minute: peak RSS ${peakRssMib.toFixed(0)} MiB, ${group === undefined ? 'not limited' : `limit ${LIMIT_MIB} MiB, with page cache ${group.peakMib.toFixed(0)} MiB`}; p99 ${load.p99Ms.toFixed(1)} ms, ${(100 * load.serverCores).toFixed(1)} % of a core`,
    verdicts: [{ wanted: `lives within ${LIMIT_MIB} MiB`, held: peakRssMib <= LIMIT_MIB }],
    figures: { limited: isLimited, peakRssMib, group, memory, load },
  }
}
