/** Registers a scenario's devices and lets them play on a server that is there already. */

import { KengError } from '../libs/core/errors.ts'
import type { Clock } from '../libs/ports/clock.ts'
import { createServerClient } from '../libs/runtime/server-client.ts'
import { applyFaults, type FaultKind } from './faults/apply-faults.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { registerDevices } from './registration/register-devices.ts'
import { openTokenFile } from './registration/token-file.ts'
import { findScenario, SCENARIOS } from './scenarios/catalog.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { deviceTimeline } from './timeline.ts'
import { openTruthFile } from './truth-file.ts'

/** A server as its devices see it. */
export interface ServerAddress {
  /** `http://host:port`. */
  readonly httpUrl: string
  /** `mqtt://host:port`. */
  readonly mqttUrl: string
  /** A bearer token that may register devices; the machine's own is in KENG_DATA_DIR/admin.token. */
  readonly adminToken: string
  /** Where the tokens of simulated devices are kept; null: in memory only, so the next run registers them again. */
  readonly tokenFile: string | null
}

export interface SimulationOptions {
  readonly server: ServerAddress
  /** Name out of `SCENARIOS`. */
  readonly scenario: string
  readonly seed: number
  /** Simulated time to real time, at least 1. Faster than 1, the simulation lasts a while and ends at now. */
  readonly speed: number
  /** Simulated seconds from the first to the last message; null: until stopped (at speed 1), or a day (faster). */
  readonly durationSeconds: number | null
  readonly faults: readonly FaultKind[]
  /** Seconds within which each device meets each fault once; null: ten minutes. */
  readonly faultEverySeconds: number | null
  readonly devices: number | null
  /** Messages a second of real time, all devices together; null: the scenario's own. */
  readonly rate: number | null
  readonly truthFile: string | null
}

export interface SimulationDeps {
  readonly clock: Clock
  /** Why a device is not connected; tries go on. */
  readonly onTrouble: (error: KengError) => void
}

export interface Simulation {
  readonly fleet: Fleet
  readonly devices: number
  /** Resolves when every message is made and acknowledged, with null, or with the reason why it makes no sense to go on. */
  readonly ended: Promise<KengError | null>
  /** Stops, waits up to `drainMs` for acknowledgements, closes the truth file. May be called twice. */
  stop(drainMs?: number): Promise<void>
}

const SECONDS_PER_DAY = 86_400

function checked(options: SimulationOptions): Scenario {
  const { scenario: name, speed, rate, devices, durationSeconds } = options
  const scenario = findScenario(name)
  const faults: string[] = []
  if (scenario === undefined)
    faults.push(`there is no scenario ${name}; there are ${SCENARIOS.map((known) => known.name).join(', ')}`)
  if (!(speed >= 1)) faults.push(`speed is ${speed} and must be at least 1`)
  if (rate !== null && !(rate > 0)) faults.push(`rate is ${rate} and must be above 0`)
  if (devices !== null && !(Number.isInteger(devices) && devices > 0))
    faults.push(`devices is ${devices} and must be a whole number above 0`)
  if (durationSeconds !== null && !(durationSeconds > 0))
    faults.push(`the duration is ${durationSeconds} s and must be above 0`)
  if (scenario === undefined || faults.length > 0) throw new KengError('KENG_SIMULATE_OPTIONS', faults.join('; '))
  return scenario
}

/** Simulated times of the run, epoch milliseconds: where it begins, what time it is there now, where it ends. */
function period(
  options: SimulationOptions,
  scenario: Scenario,
  now: number,
): { from: number; startAt: number; until: number } {
  const { speed, durationSeconds } = options
  if (speed === 1) {
    const from = now - scenario.backlogMs
    return {
      from,
      startAt: now,
      until: durationSeconds === null ? Number.POSITIVE_INFINITY : from + durationSeconds * 1000,
    }
  }
  // Real time goes on meanwhile: so the run begins early enough that its last message is of the moment it is sent.
  const lengthMs = (durationSeconds ?? SECONDS_PER_DAY) * 1000
  const until = now + lengthMs / speed
  return { from: until - lengthMs, startAt: until - lengthMs, until }
}

/** Resolves when the devices are registered and begin to connect. Errors are KengErrors; KENG_SIMULATE_OPTIONS is wrong usage. */
export async function startSimulation(deps: SimulationDeps, options: SimulationOptions): Promise<Simulation> {
  const { clock, onTrouble } = deps
  const { server, seed, speed, faults, faultEverySeconds } = options
  const scenario = checked(options)
  const devices = scenario.devices({
    seed,
    ...(options.devices === null ? {} : { devices: options.devices }),
    ...(options.rate === null ? {} : { rate: options.rate / speed }),
  })
  const client = createServerClient({ baseUrl: server.httpUrl, token: () => server.adminToken })
  const tokens = await registerDevices(
    client,
    openTokenFile(server.tokenFile),
    devices.map(({ registration }) => registration),
  )
  const { from, startAt, until } = period(options, scenario, clock.now())
  let giveUp: (error: KengError) => void = () => undefined
  const failed = new Promise<KengError>((resolve) => {
    giveUp = resolve
  })
  const truth = options.truthFile === null ? null : openTruthFile(clock, options.truthFile, giveUp)
  truth?.write({ type: 'begin', version: 1, scenario: scenario.name, seed, speed, faults, at: startAt })

  const fleet = createFleet(
    { clock, onTrouble, ...(truth === null ? {} : { onTruth: (event) => truth.write(event) }) },
    {
      mqttUrl: server.mqttUrl,
      startAt,
      speed,
      devices: devices.map(({ registration: { id }, intervalMs, sample }) => ({
        id,
        token: tokens.get(id) ?? '',
        timeline: applyFaults(deviceTimeline({ device: id, seed, from, until, intervalMs, sample }), {
          seed,
          device: id,
          kinds: faults,
          ...(faultEverySeconds === null ? {} : { everyMs: faultEverySeconds * 1000 }),
        }),
      })),
    },
  )
  fleet.start()
  return {
    fleet,
    devices: devices.length,
    ended: Promise.race([fleet.finished.then(() => null), failed]),
    async stop(drainMs) {
      await fleet.stop(drainMs)
      truth?.close()
    },
  }
}
