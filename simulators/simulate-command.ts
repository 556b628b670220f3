/** `keng simulate SCENARIO` with its options parsed: runs until it ends or is stopped, and says what was sent. */

import { isKengError } from '../libs/core/errors.ts'
import type { Clock } from '../libs/ports/clock.ts'
import type { FleetCounts } from './fleet.ts'
import { type Simulation, type SimulationOptions, startSimulation } from './start-simulation.ts'
import { createTroubleReport } from './trouble-report.ts'

export interface CommandDeps {
  readonly clock: Clock
  /** A line to standard output. */
  readonly print: (line: string) => void
  /** A line to standard error. */
  readonly warn: (line: string) => void
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

export interface SimulateArgs extends SimulationOptions {
  /** The summary as one line of JSON instead of a sentence. */
  readonly json: boolean
}

/** 0 done, 1 failed, 2 wrong usage (contract.md, section 4). */
export type ExitStatus = 0 | 1 | 2

const DRAIN_MS = 5000

const aborted = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })

const sentence = ({ devices, produced, acknowledged, repeated, lost, waiting }: FleetCounts): string =>
  `${devices} devices made ${produced} messages: ${acknowledged} acknowledged, ${repeated} sent twice on purpose, ${lost} lost on purpose, ${waiting} packets not acknowledged`

/** Resolves with the exit status; never rejects for what a user can cause. */
export async function runSimulate(deps: CommandDeps, args: SimulateArgs): Promise<ExitStatus> {
  const report = createTroubleReport(deps.clock, deps.warn)
  let simulation: Simulation
  try {
    simulation = await startSimulation({ clock: deps.clock, onTrouble: report }, args)
  } catch (error) {
    if (!isKengError(error)) throw error
    deps.warn(error.message)
    return error.code === 'KENG_SIMULATE_OPTIONS' ? 2 : 1
  }
  if (!args.json)
    deps.print(`${simulation.devices} simulated devices send to ${args.server.mqttUrl}; Ctrl-C stops them`)
  const failure = await Promise.race([simulation.ended, aborted(deps.signal)])
  await simulation.stop(DRAIN_MS)
  const counts = simulation.fleet.counts()
  deps.print(args.json ? JSON.stringify(counts) : sentence(counts))
  if (failure !== null) deps.warn(failure.message)
  return failure !== null || counts.waiting > 0 ? 1 : 0
}
