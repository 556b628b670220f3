/** Any number of water stations, for load and for tests of loss. */

import { hash, textHash, uniform } from '../noise.ts'
import { type WaterStation, waterStationMessage } from '../profiles/water-station.ts'
import { intervalFor, type Scenario } from './scenario.ts'

const DEVICES = 100
const INTERVAL_MS = 60_000
const KIND = textHash('fleet kind')
const NORTH = textHash('fleet north')
const EAST = textHash('fleet east')
const SIZE = textHash('fleet size')

// The box around xã Tứ Kỳ in degrees.
const SOUTH_EDGE = 20.767
const WEST_EDGE = 106.359
const HEIGHT = 0.079
const WIDTH = 0.061

/** Six in ten on canals, three at the river, one at a waterworks. */
function stationAt(seed: number, index: number, id: string): WaterStation {
  const kind = hash(seed, KIND, index) % 10
  const size = uniform(seed, SIZE, index)
  if (kind < 6) return { id, kind: 'canal', power: 'solar', baseLevel: 0.8 + size, baseConductivity: 300 + 400 * size }
  if (kind === 9) return { id, kind: 'clean-water', power: 'mains' }
  return {
    id,
    kind: 'estuary',
    power: 'battery',
    regime: 'diurnal',
    baseLevel: 1 + size,
    tideAmplitude: 0.4 + size,
    seaSalinity: 2 + 10 * size,
    saltWedge: 0,
  }
}

export const fleetLoad: Scenario = {
  name: 'fleet',
  about: 'N water stations (--devices, 100) with a message a minute each, or --rate messages a second in all',
  backlogMs: 0,
  devices: ({ seed, devices = DEVICES, rate }) => {
    const intervalMs = intervalFor(devices, rate, INTERVAL_MS)
    return Array.from({ length: devices }, (_, index) => {
      const id = `sim-${String(index + 1).padStart(5, '0')}`
      const station = stationAt(seed, index, id)
      return {
        registration: {
          id,
          name: `Trạm mô phỏng ${index + 1}`,
          latitude: Number((SOUTH_EDGE + HEIGHT * uniform(seed, NORTH, index)).toFixed(5)),
          longitude: Number((WEST_EDGE + WIDTH * uniform(seed, EAST, index)).toFixed(5)),
          expectedIntervalSeconds: Math.max(1, Math.ceil(intervalMs / 1000)),
          profile: station.kind,
          simulated: true,
        },
        intervalMs,
        sample: (t: number) => waterStationMessage(station, seed, t).values,
      }
    })
  },
}
