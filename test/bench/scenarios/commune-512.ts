/** A commune of 500 devices on a box with little memory: the server inside a hard limit of 512 MB. */

import { connectLoad } from '../load/start-load.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { limitMemory } from '../measure/memory-limit.ts'
import { memoryOf } from '../measure/process-usage.ts'
import { sampleMemory } from '../measure/sample-memory.ts'
import { startKeng } from '../servers/start-keng.ts'
import type { Bench, Outcome } from './scenario.ts'

const DEFAULT_SECONDS = 180
const DEVICES = 500
const LIMIT_MB = 512

export async function commune512({ t, options, say }: Bench): Promise<Outcome> {
  const seconds = options.seconds ?? DEFAULT_SECONDS
  const limit = limitMemory(t, LIMIT_MB)
  const isLimited = 'prefix' in limit
  say(isLimited ? `inside a control group of ${LIMIT_MB} MB` : `without a limit, peak RSS only: ${limit.why}`)
  const server = await startKeng(t, isLimited ? { prefix: limit.prefix } : {})
  const connected = await connectLoad(t, server, {
    devices: await server.devices(DEVICES),
    window: 4,
    loop: { kind: 'open', messagesPerSecond: DEVICES / 60, seconds },
  })
  const [load, memory] = await sampleMemory(server.pid, measureLoad(server, connected))
  const group = isLimited ? { peakMb: limit.peakMb(), timesAtLimit: limit.timesAtLimit() } : undefined
  const { peakRssMb } = memoryOf(server.pid)
  await server.stop()
  return {
    summary: `${DEVICES} devices at one message a minute: peak RSS ${peakRssMb.toFixed(0)} MB, ${group === undefined ? 'not limited' : `limit ${LIMIT_MB} MB, with page cache ${group.peakMb.toFixed(0)} MB`}; p99 ${load.p99Ms.toFixed(1)} ms, ${(100 * load.serverCores).toFixed(1)} % of a core`,
    verdicts: [{ wanted: `lives within ${LIMIT_MB} MB`, held: peakRssMb <= LIMIT_MB }],
    figures: { limited: isLimited, peakRssMb, group, memory, load },
  }
}
