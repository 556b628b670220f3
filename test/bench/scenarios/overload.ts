/** Five times of what the server can take, offered for a minute: memory stays bounded, nothing acknowledged is lost, work goes on. */

import { connectLoad } from '../load/start-load.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { sampleMemory } from '../measure/sample-memory.ts'
import { startKeng } from '../servers/start-keng.ts'
import { measureFullRate } from './full-rate.ts'
import type { Bench, Outcome } from './scenario.ts'

const DEFAULT_SECONDS = 60
const CAPACITY_SECONDS = 10
const TIMES = 5
/** Enough bytes in flight to meet the server's bound for all clients together. */
const WINDOW = 1_000
const WANTED_GOODPUT = 0.8
const WANTED_PEAK_MB = 1_024

export async function overload(bench: Bench): Promise<Outcome> {
  const { t, options, say } = bench
  const seconds = options.seconds ?? DEFAULT_SECONDS
  const server = await startKeng(t)
  const capacity = await measureFullRate(bench, server, Math.min(CAPACITY_SECONDS, seconds))
  const offered = TIMES * capacity.messagesPerSecond
  const connected = await connectLoad(t, server, {
    devices: await server.devices(options.clients * TIMES),
    window: WINDOW,
    loop: { kind: 'open', messagesPerSecond: offered, seconds },
  })
  say(`offering ${offered} messages/s for ${seconds} s`)
  const [load, memory] = await sampleMemory(server.pid, measureLoad(server, connected))
  const goodput = load.messagesPerSecond / capacity.messagesPerSecond
  const storedGoodput = load.storedPerSecond / capacity.storedPerSecond
  return {
    summary: `offered ${offered}/s: ${load.storedPerSecond} messages/s stored, goodput ${goodput.toFixed(2)} of capacity acknowledged, ${storedGoodput.toFixed(2)} stored; peak RSS ${memory.peakMb.toFixed(0)} MB; ${load.cut} connections cut; every acknowledged message stored`,
    verdicts: [
      {
        wanted: `goodput of ${WANTED_GOODPUT} of capacity or more`,
        held: Math.min(goodput, storedGoodput) >= WANTED_GOODPUT,
      },
      { wanted: `RSS never above ${WANTED_PEAK_MB} MB`, held: memory.peakMb <= WANTED_PEAK_MB },
    ],
    figures: { capacity, offeredPerSecond: offered, goodput, storedGoodput, load, memory },
  }
}
