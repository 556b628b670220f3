/** `keng simulate` and `keng replay`: devices that exist only here, on the server of this machine or another. */

import { createSystemClock } from '../../../libs/runtime/system-clock.ts'
import { FAULT_KINDS, type FaultKind, isFaultKind } from '../../../simulators/faults/apply-faults.ts'
import { runReplay } from '../../../simulators/replay-command.ts'
import { type CommandDeps, runSimulate } from '../../../simulators/simulate-command.ts'
import { findServer } from '../local-server.ts'
import { type Terminal, UsageError } from '../terminal.ts'

export interface SimulateOptions {
  readonly devices?: number
  readonly seed: number
  readonly rate?: number
  readonly speed: number
  readonly fault?: readonly string[]
  readonly faultEvery?: number
  readonly duration?: number
  readonly truth?: string
  readonly json?: true
}

export interface ReplayOptions {
  readonly map: string
  readonly speed?: number
  readonly shift?: string
  readonly json?: true
}

/** Resolves with the exit status. */
export function simulate(scenario: string, options: SimulateOptions, terminal: Terminal): Promise<number> {
  return runSimulate(untilSignal(terminal), {
    server: findServer(),
    scenario,
    seed: options.seed,
    speed: options.speed,
    durationSeconds: options.duration ?? null,
    faults: faultKinds(options.fault ?? []),
    faultEverySeconds: options.faultEvery ?? null,
    devices: options.devices ?? null,
    rate: options.rate ?? null,
    truthFile: options.truth ?? null,
    json: options.json === true,
  })
}

/** Resolves with the exit status. */
export function replay(file: string, options: ReplayOptions, terminal: Terminal): Promise<number> {
  const { shift = null } = options
  if (shift !== null && shift !== 'now') throw new UsageError(`--shift ${shift}, allowed: now`)
  return runReplay(untilSignal(terminal), {
    server: findServer(),
    file,
    mapFile: options.map,
    speed: options.speed ?? null,
    shift,
    json: options.json === true,
  })
}

function untilSignal(terminal: Terminal): CommandDeps {
  const stopped = new AbortController()
  process.once('SIGINT', () => stopped.abort())
  process.once('SIGTERM', () => stopped.abort())
  return {
    clock: createSystemClock(),
    print: terminal.out,
    warn: (line) => terminal.note(`keng: ${line}`),
    signal: stopped.signal,
  }
}

const faultKinds = (names: readonly string[]): readonly FaultKind[] =>
  names.map((name) => {
    if (isFaultKind(name)) return name
    throw new UsageError(`--fault ${name}, allowed: ${FAULT_KINDS.join(', ')}`)
  })
