/** Lets a simulated commune play on this server, over MQTT like any devices. */

import type { Clock } from '../../libs/ports/clock.ts'
import type { DataDir } from '../../libs/runtime/data-dir.ts'
import type { Logger } from '../../libs/runtime/logger.ts'
import { type Simulation, startSimulation } from '../../simulators/start-simulation.ts'

export interface DemoDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly folder: DataDir
  readonly http: string
  readonly mqtt: string
}

/** The same stations at every start: their tokens are kept in the data folder. */
export const startDemo = ({ clock, logger, folder, http, mqtt }: DemoDeps): Promise<Simulation> =>
  startSimulation(
    {
      clock,
      onTrouble: (error) => logger.warn({ code: error.code, error: error.message }, 'a simulated device waits'),
    },
    {
      server: {
        httpUrl: http,
        mqttUrl: mqtt,
        adminToken: folder.adminToken(),
        tokenFile: folder.file('simulated-devices.json'),
      },
      scenario: 'commune-water',
      seed: 1,
      speed: 1,
      durationSeconds: null,
      faults: [],
      faultEverySeconds: null,
      devices: null,
      rate: null,
      truthFile: null,
    },
  )
