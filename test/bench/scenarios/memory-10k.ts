/** Memory with 10,000 connected devices that publish once a minute each, beside the bare broker with the same. */

import { connectLoad } from '../load/start-load.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { sampleMemory } from '../measure/sample-memory.ts'
import type { BenchServer } from '../servers/bench-server.ts'
import { startBare } from '../servers/start-bare.ts'
import { startKeng } from '../servers/start-keng.ts'
import type { Bench, Outcome } from './scenario.ts'

const DEFAULT_SECONDS = 180
const DEVICES = 10_000
const CONNECTS_PER_SECOND = 500
const WANTED_MB = 450

export async function memory10k({ t, options, say }: Bench): Promise<Outcome> {
  const seconds = options.seconds ?? DEFAULT_SECONDS
  const measure = async (server: BenchServer) => {
    const connected = await connectLoad(t, server, {
      devices: await server.devices(DEVICES),
      window: 4,
      connectsPerSecond: CONNECTS_PER_SECOND,
      loop: { kind: 'open', messagesPerSecond: DEVICES / 60, seconds },
    })
    say(`${server.name}: ${DEVICES} connected`)
    const [load, memory] = await sampleMemory(server.pid, measureLoad(server, connected))
    await server.stop()
    return { load, memory }
  }
  const bare = await measure(await startBare(t))
  const keng = await measure(await startKeng(t))
  return {
    summary: `${DEVICES} devices at one message a minute: RSS settles at ${keng.memory.settledMb.toFixed(0)} MB, peak ${keng.memory.peakMb.toFixed(0)} MB (bare broker ${bare.memory.settledMb.toFixed(0)} MB); p99 ${keng.load.p99Ms.toFixed(1)} ms`,
    verdicts: [{ wanted: `RSS settles at ${WANTED_MB} MB at most`, held: keng.memory.settledMb <= WANTED_MB }],
    figures: { bare, keng },
  }
}
