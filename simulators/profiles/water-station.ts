/** Water stations as pure functions of (station, seed, time): a canal, a river mouth, the outlet of a clean-water plant. */

import { gaussian, textHash, wander } from '../noise.ts'
import { batteryPercent, type Power } from './power.ts'
import { conductivityOf, salinityOf } from './salinity.ts'
import { type TideRegime, tide } from './tide.ts'
import { localHour, type Runoff, runoff, sunEffect, warmth, wetness } from './weather.ts'

interface Station {
  /** Device id; also the name of its stream of noise. */
  readonly id: string
  readonly power: Power
}

export interface CanalStation extends Station {
  readonly kind: 'canal'
  /** Water level in metres when no rain drains. */
  readonly baseLevel: number
  /** uS/cm when no rain dilutes. */
  readonly baseConductivity: number
}

export interface EstuaryStation extends Station {
  readonly kind: 'estuary'
  readonly regime: TideRegime
  readonly baseLevel: number
  /** Half the tidal range here, metres. */
  readonly tideAmplitude: number
  /** g/L when the sea stands at the station. */
  readonly seaSalinity: number
  /** g/L that stay at low water too, while a drought holds the salt up the river; 0 in an ordinary year. */
  readonly saltWedge: number
}

export interface CleanWaterStation extends Station {
  readonly kind: 'clean-water'
  /** A filter that lets turbidity through now and then; absent where it works. */
  readonly breakthrough?: { readonly everyMs: number; readonly lengthMs: number; readonly peakNtu: number }
}

export type WaterStation = CanalStation | EstuaryStation | CleanWaterStation

export interface StationMessage {
  /** Epoch milliseconds. */
  readonly ts: number
  /** Channel → value in the catalogue's unit (contract.md, section 2), rounded to what such a sensor resolves. */
  readonly values: Readonly<Record<string, number>>
}

interface Moment {
  readonly seed: number
  readonly station: number
  readonly t: number
  readonly rain: Runoff
}

const MS_PER_HOUR = 3_600_000
const MS_PER_DAY = 24 * MS_PER_HOUR
/** Salt follows the tide up the river by so much. */
const SALT_LAG_MS = 1.5 * MS_PER_HOUR

const STREAM = {
  temperature: textHash('temperature'),
  oxygen: textHash('oxygen'),
  ph: textHash('ph'),
  level: textHash('level'),
  turbidity: textHash('turbidity'),
  conductivity: textHash('conductivity'),
  chlorine: textHash('chlorine'),
  pressure: textHash('pressure'),
  flow: textHash('flow'),
  rssi: textHash('rssi'),
} as const

const round = (value: number, decimals: number): number => Number(value.toFixed(decimals))
const noise = ({ seed, station, t }: Moment, stream: number): number => gaussian(seed, station ^ stream, t)
const drift = ({ seed, station, t }: Moment, stream: number, periodMs: number): number =>
  wander(seed, station ^ stream, t, periodMs)

/** Cel. The Red River delta: about 18 in January and 30 in July, a degree more in the afternoon. */
const temperature = (m: Moment): number =>
  24.3 +
  5.6 * warmth(m.t) +
  0.9 * sunEffect(m.t) -
  0.03 * m.rain.draining +
  0.5 * drift(m, STREAM.temperature, 2 * MS_PER_DAY)

/** mg/L that water of this temperature holds in balance with air; salt lowers it. A cubic through Henry's law. */
const saturation = (celsius: number, salinity: number): number =>
  (14.6 - 0.41 * celsius + 0.008 * celsius ** 2 - 0.000_08 * celsius ** 3) * (1 - 0.006 * salinity)

const turbidity = (m: Moment, base: number, stirred: number): number =>
  base *
    Math.exp(0.25 * drift(m, STREAM.turbidity, 8 * MS_PER_HOUR) + 0.03 * noise(m, STREAM.turbidity)) *
    (1 + stirred) +
  3.2 * m.rain.washing

/** Temperature, oxygen and pH of open water, which sun and algae move together. */
function openWater(m: Moment, salinity: number): Record<string, number> {
  const celsius = temperature(m)
  const breathing =
    0.68 + 0.17 * sunEffect(m.t) - 0.004 * Math.min(40, m.rain.washing) + 0.04 * drift(m, STREAM.oxygen, MS_PER_DAY)
  const acidity =
    7.35 + 0.22 * sunEffect(m.t) - 0.005 * Math.min(40, m.rain.draining) + 0.08 * drift(m, STREAM.ph, MS_PER_DAY)
  return {
    'water.temperature': round(celsius + 0.02 * noise(m, STREAM.temperature), 2),
    'water.dissolved_oxygen': round(saturation(celsius, salinity) * breathing + 0.03 * noise(m, STREAM.oxygen), 2),
    'water.ph': round(acidity + 0.01 * noise(m, STREAM.ph), 2),
  }
}

function canal(station: CanalStation, m: Moment): Record<string, number> {
  const level = station.baseLevel + 0.011 * m.rain.draining + 0.04 * drift(m, STREAM.level, 6 * MS_PER_HOUR)
  const dilution = 1 / (1 + 0.012 * m.rain.draining)
  const conductivity = station.baseConductivity * dilution * (1 + 0.05 * drift(m, STREAM.conductivity, MS_PER_DAY))
  return {
    ...openWater(m, 0),
    'water.level': round(level + 0.002 * noise(m, STREAM.level), 3),
    'water.conductivity': round(conductivity + 0.8 * noise(m, STREAM.conductivity), 0),
    'water.turbidity': round(turbidity(m, 16, 0), 1),
  }
}

/** g/L: a front that the tide moves past the station, farther up in the dry season, pushed back by rain. */
function estuarySalinity(station: EstuaryStation, m: Moment): number {
  const sea = tide(station.regime, m.t - SALT_LAG_MS)
  const front =
    2 * sea + 1.8 * (1 - wetness(m.t)) - 1.6 - 0.02 * m.rain.draining + 0.2 * drift(m, STREAM.conductivity, MS_PER_DAY)
  const moving = 0.1 + station.seaSalinity / (1 + Math.exp(-1.6 * front))
  return station.saltWedge + moving * Math.max(0, 1 - station.saltWedge / station.seaSalinity)
}

function estuary(station: EstuaryStation, m: Moment): Record<string, number> {
  const height = tide(station.regime, m.t)
  const current = Math.abs(height - tide(station.regime, m.t - MS_PER_HOUR))
  const conductivity = conductivityOf(estuarySalinity(station, m)) * (1 + 0.002 * noise(m, STREAM.conductivity))
  const salinity = salinityOf(conductivity)
  const level =
    station.baseLevel +
    station.tideAmplitude * height +
    0.006 * m.rain.draining +
    0.02 * drift(m, STREAM.level, 6 * MS_PER_HOUR)
  return {
    ...openWater(m, salinity),
    'water.level': round(level + 0.004 * noise(m, STREAM.level), 3),
    'water.conductivity': round(conductivity, 0),
    'water.salinity': round(salinity, 2),
    'water.turbidity': round(turbidity(m, 28, 1.8 * current), 1),
  }
}

/** NTU that a filter lets through: up within a tenth of the time, a plateau, and down again. */
function leak({ breakthrough }: CleanWaterStation, t: number): number {
  if (breakthrough === undefined) return 0
  const since = ((t % breakthrough.everyMs) + breakthrough.everyMs) % breakthrough.everyMs
  const share = since / breakthrough.lengthMs
  return share >= 1 ? 0 : breakthrough.peakNtu * Math.min(1, share * 10, (1 - share) * 10)
}

/** People draw water at about 6 and 18 o'clock; 0 in the small hours, 1 at the evening's peak. */
function demand(t: number): number {
  const hour = localHour(t)
  const peak = (at: number, width: number): number => Math.exp(-(((hour - at) / width) ** 2))
  return 0.12 + 0.7 * peak(6.3, 1.8) + 0.35 * peak(11.5, 2) + 0.85 * peak(18.2, 2.2)
}

function cleanWater(station: CleanWaterStation, m: Moment): Record<string, number> {
  const drawn = demand(m.t)
  // Chlorine decays while water stands, and faster in warm water: QCVN 01-1:2018/BYT asks for 0.2 to 1.0 mg/L.
  const chlorine = 0.52 + 0.08 * (drawn - 0.5) - 0.06 * warmth(m.t) + 0.05 * drift(m, STREAM.chlorine, MS_PER_DAY)
  const filtered =
    0.35 * Math.exp(0.2 * drift(m, STREAM.turbidity, 8 * MS_PER_HOUR)) + 0.004 * Math.min(60, m.rain.washing)
  return {
    'water.temperature': round(temperature(m) + 0.02 * noise(m, STREAM.temperature), 2),
    'water.ph': round(7.3 + 0.06 * drift(m, STREAM.ph, MS_PER_DAY) + 0.01 * noise(m, STREAM.ph), 2),
    'water.chlorine': round(chlorine + 0.008 * noise(m, STREAM.chlorine), 2),
    'water.turbidity': round((filtered + leak(station, m.t)) * (1 + 0.02 * noise(m, STREAM.turbidity)), 2),
    'water.pressure': round(285 - 55 * drawn + 1.5 * noise(m, STREAM.pressure), 0),
    'water.flow': round(18 + 64 * drawn + 0.6 * noise(m, STREAM.flow), 1),
  }
}

function measured(station: WaterStation, m: Moment): Record<string, number> {
  switch (station.kind) {
    case 'canal':
      return canal(station, m)
    case 'estuary':
      return estuary(station, m)
    case 'clean-water':
      return cleanWater(station, m)
  }
}

/** What the station measures at epoch milliseconds `t`. `seed` is the commune's: stations of one seed share their weather. */
export function waterStationMessage(station: WaterStation, seed: number, t: number): StationMessage {
  const m: Moment = { seed, station: textHash(station.id), t, rain: runoff(seed, t) }
  const values = measured(station, m)
  const battery = batteryPercent(station.power, seed, m.station, t, m.rain)
  if (battery !== null) values['device.battery'] = round(battery, 1)
  values['device.rssi'] = Math.round(-78 + 4 * drift(m, STREAM.rssi, MS_PER_HOUR) + 1.5 * noise(m, STREAM.rssi))
  return { ts: t, values }
}
