/** A scenario: which devices there are, what they measure and how often. */

import type { DeviceRegistration } from '../registration/register-devices.ts'
import type { Values } from '../timeline.ts'

export interface SimulatedDevice {
  /** Carries `simulated: true`. */
  readonly registration: DeviceRegistration
  readonly intervalMs: number
  /** What it measures at epoch milliseconds `t`. Pure. */
  readonly sample: (t: number) => Values
}

export interface ScenarioOptions {
  readonly seed: number
  /** How many devices, where the scenario leaves that open. */
  readonly devices?: number
  /** Messages a second of all devices together; absent: the scenario's own pace. */
  readonly rate?: number
}

export interface Scenario {
  readonly name: string
  /** One line for `keng simulate --help`. */
  readonly about: string
  /** How far before now the devices begin, so that there is something to see at once. Milliseconds. */
  readonly backlogMs: number
  devices(options: ScenarioOptions): readonly SimulatedDevice[]
}

/** The interval that makes `count` devices send `rate` messages a second together, or the scenario's own. */
export const intervalFor = (count: number, rate: number | undefined, ownMs: number): number =>
  rate === undefined ? ownMs : Math.max(1, (1000 * count) / rate)
