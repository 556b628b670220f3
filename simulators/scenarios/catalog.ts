/** The scenarios by name. */

import { communeWater } from './commune-water.ts'
import { fleetLoad } from './fleet-load.ts'
import type { Scenario } from './scenario.ts'

export const SCENARIOS: readonly Scenario[] = [communeWater, fleetLoad]

export const findScenario = (name: string): Scenario | undefined => SCENARIOS.find((scenario) => scenario.name === name)
