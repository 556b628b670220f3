/** Full rate: 100 clients in a closed loop, the bare broker and Kẻng in turn, so that a noisy machine is noisy to both. */

import { connectLoad } from '../load/start-load.ts'
import { type LoadFigures, measureLoad } from '../measure/measure-load.ts'
import { median } from '../measure/median.ts'
import type { BenchServer } from '../servers/bench-server.ts'
import { startBare } from '../servers/start-bare.ts'
import { startKeng } from '../servers/start-keng.ts'
import type { Bench, Outcome } from './scenario.ts'

/** Long enough that what the last commit still gathers makes no difference to the stored rate. */
const DEFAULT_SECONDS = 15
const WANTED_RATE = 0.6
const WANTED_CPU = 2.5

export async function throughput({ t, options, say }: Bench): Promise<Outcome> {
  const seconds = options.seconds ?? DEFAULT_SECONDS
  const servers = [await startBare(t), await startKeng(t)] as const
  const load = async (server: BenchServer) => {
    // New devices each time: their time stamps run ahead of the clock at more than 1,000 messages a second each.
    const devices = await server.devices(options.clients)
    const connected = await connectLoad(t, server, {
      devices,
      window: options.window,
      loop: { kind: 'closed', seconds },
    })
    return measureLoad(server, connected)
  }
  say('warming up')
  for (const server of servers) await load(server)
  const rounds: { readonly bare: LoadFigures; readonly keng: LoadFigures }[] = []
  for (let round = 1; round <= options.rounds; round++) {
    const bare = await load(servers[0])
    const keng = await load(servers[1])
    rounds.push({ bare, keng })
    say(`round ${round}: ${line(bare)}; ${line(keng)}`)
  }
  return outcome(rounds)
}

const line = (one: LoadFigures): string =>
  `${one.server} ${one.messagesPerSecond} acknowledged/s, ${one.storedPerSecond} stored/s, ${one.cpuMicrosecondsPerMessage.toFixed(1)} µs of CPU, p99 ${one.p99Ms.toFixed(1)} ms`

function outcome(rounds: readonly { readonly bare: LoadFigures; readonly keng: LoadFigures }[]): Outcome {
  const middle = (of: (round: (typeof rounds)[number]) => number) => median(rounds.map(of))
  const ratios = {
    storedRate: middle(({ bare, keng }) => keng.storedPerSecond / bare.messagesPerSecond),
    acknowledgedRate: middle(({ bare, keng }) => keng.messagesPerSecond / bare.messagesPerSecond),
    cpuPerMessage: middle(({ bare, keng }) => keng.cpuMicrosecondsPerMessage / bare.cpuMicrosecondsPerMessage),
  }
  const medians = (of: 'bare' | 'keng') => ({
    acknowledgedPerSecond: middle((round) => round[of].messagesPerSecond),
    storedPerSecond: middle((round) => round[of].storedPerSecond),
    cpuMicrosecondsPerMessage: middle((round) => round[of].cpuMicrosecondsPerMessage),
    p50Ms: middle((round) => round[of].p50Ms),
    p99Ms: middle((round) => round[of].p99Ms),
  })
  return {
    summary: `${medians('keng').storedPerSecond} messages/s stored, ${ratios.storedRate.toFixed(2)} of the bare broker (acknowledged ${ratios.acknowledgedRate.toFixed(2)}), at ${ratios.cpuPerMessage.toFixed(2)} times its CPU a message`,
    verdicts: [
      { wanted: `stored at ${WANTED_RATE} of the bare broker's rate or more`, held: ratios.storedRate >= WANTED_RATE },
      { wanted: `at most ${WANTED_CPU} times its CPU a message`, held: ratios.cpuPerMessage <= WANTED_CPU },
    ],
    figures: { ratios, bare: medians('bare'), keng: medians('keng'), rounds },
  }
}
