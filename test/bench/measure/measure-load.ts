/** One load on one server: what was acknowledged, what was stored, and the CPU it took until then. */

import { waitUntil } from '../../support/wait-until.ts'
import type { LoadResult } from '../load/load-options.ts'
import type { ConnectedLoad } from '../load/start-load.ts'
import type { BenchServer, StoredCounts } from '../servers/bench-server.ts'
import { cpuSeconds } from './process-usage.ts'

const SETTLE_LIMIT_MS = 30 * 60_000

export interface LoadFigures extends LoadResult {
  readonly server: BenchServer['name']
  /** What was stored by the time of the last acknowledgement; the bare broker stores nothing, and has its acknowledgements here. */
  readonly storedPerSecond: number
  /** Time after the last acknowledgement until all were stored: a backlog, or only the wait of the last commit for company. */
  readonly settleSeconds: number
  /** Of the server's whole process, until all were stored. */
  readonly cpuMicrosecondsPerMessage: number
  readonly serverCores: number
}

export async function measureLoad(server: BenchServer, load: ConnectedLoad): Promise<LoadFigures> {
  const before = await settled(server)
  const cpuBefore = cpuSeconds(server.pid)
  const result = await load.run()
  const answered = performance.now()
  const atEnd = await server.counts()
  const after = await settled(server)
  const settleSeconds = (performance.now() - answered) / 1000
  const isBare = server.name === 'bare'
  const cpu = cpuSeconds(server.pid) - cpuBefore
  if (!isBare) await checkStored(server, result, after.stored - before.stored, after.otherwise - before.otherwise)
  return {
    server: server.name,
    ...result,
    storedPerSecond: isBare ? result.messagesPerSecond : Math.round((atEnd.stored - before.stored) / result.seconds),
    settleSeconds,
    cpuMicrosecondsPerMessage: (cpu * 1e6) / result.acknowledged,
    serverCores: cpu / (result.seconds + settleSeconds),
  }
}

/** Resolves when nothing that was acknowledged is still on its way. */
export const settled = (server: BenchServer): Promise<StoredCounts> =>
  waitUntil(
    'everything acknowledged is stored',
    async () => {
      const counts = await server.counts()
      return counts.inFlight === 0 && counts
    },
    SETTLE_LIMIT_MS,
  )

/** A figure of a server that loses or refuses messages is worth nothing. */
async function checkStored(server: BenchServer, load: LoadResult, stored: number, otherwise: number): Promise<void> {
  const wrong: string[] = []
  if (otherwise !== 0) wrong.push(`${otherwise} messages rejected, partial or duplicate`)
  let finished = stored
  let acknowledged = load.acknowledged
  for (const device of load.unfinished) {
    const storedOf = await server.storedOf(device.device)
    finished -= storedOf
    acknowledged -= device.acknowledged
    if (storedOf < device.acknowledged || storedOf > device.sent) {
      wrong.push(`${device.device}: ${device.sent} sent, ${device.acknowledged} acknowledged, ${storedOf} stored`)
    }
  }
  if (finished !== acknowledged) wrong.push(`of all other devices: ${acknowledged} acknowledged, ${finished} stored`)
  if (wrong.length > 0) throw new Error(`messages are not accounted for: ${wrong.join('; ')}`)
}
