/** One load on one server: what was acknowledged, what was stored, and the CPU it took until then. */

import type { LoadResult } from '../load/load-options.ts'
import type { ConnectedLoad } from '../load/start-load.ts'
import type { BenchServer } from '../servers/bench-server.ts'
import { cpuSeconds } from './process-usage.ts'

export interface LoadFigures extends LoadResult {
  readonly server: BenchServer['name']
  /** From the first message until all are stored; the bare broker stores nothing and is done at the last acknowledgement. */
  readonly storedPerSecond: number
  /** Time after the last acknowledgement until all were stored. */
  readonly settleSeconds: number
  /** Of the server's whole process, until all were stored. */
  readonly cpuMicrosecondsPerMessage: number
  readonly serverCores: number
}

export async function measureLoad(server: BenchServer, load: ConnectedLoad): Promise<LoadFigures> {
  const before = await server.settled()
  const cpuBefore = cpuSeconds(server.pid)
  const start = performance.now()
  const result = await load.run()
  const answered = performance.now()
  const after = await server.settled()
  const isBare = server.name === 'bare'
  const settleSeconds = isBare ? 0 : (performance.now() - answered) / 1000
  const seconds = isBare ? result.seconds : (performance.now() - start) / 1000
  const cpu = cpuSeconds(server.pid) - cpuBefore
  if (!isBare) await checkStored(server, result, after.stored - before.stored, after.otherwise - before.otherwise)
  return {
    server: server.name,
    ...result,
    storedPerSecond: Math.round(result.acknowledged / seconds),
    settleSeconds,
    cpuMicrosecondsPerMessage: (cpu * 1e6) / result.acknowledged,
    serverCores: cpu / seconds,
  }
}

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
