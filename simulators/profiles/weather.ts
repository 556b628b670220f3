/** The commune's sky: season, hour and rain, shared by all stations of one seed so that they agree with each other. */

import { textHash, uniform } from '../noise.ts'

const MS_PER_HOUR = 3_600_000
const MS_PER_DAY = 24 * MS_PER_HOUR
const DAYS_PER_YEAR = 365.2425
/** Việt Nam keeps UTC+7 all year. */
const ZONE_HOURS = 7
const WARMEST_DAY = 196
const RAINIEST_DAY = 213

const SLOT_MS = 6 * MS_PER_HOUR
/** Slots whose rain is still felt: after eight days the rest of a flood is below a millimetre. */
const SLOTS_FELT = 32
const MEAN_DEPTH_MM = 14
const MOST_DEPTH_MM = 90

const RAIN = textHash('rain')
const ONSET = textHash('rain onset')
const DEPTH = textHash('rain depth')

/** Hour of the day in Việt Nam, 0 to 24. */
export const localHour = (t: number): number => (((t / MS_PER_HOUR + ZONE_HOURS) % 24) + 24) % 24

const dayOfYear = (t: number): number => (((t / MS_PER_DAY) % DAYS_PER_YEAR) + DAYS_PER_YEAR) % DAYS_PER_YEAR

/** 1 in midsummer, -1 in midwinter. */
export const warmth = (t: number): number => Math.cos((2 * Math.PI * (dayOfYear(t) - WARMEST_DAY)) / DAYS_PER_YEAR)

/** 1 at the height of the rains, 0 in the middle of the dry season. */
export const wetness = (t: number): number =>
  0.5 + 0.5 * Math.cos((2 * Math.PI * (dayOfYear(t) - RAINIEST_DAY)) / DAYS_PER_YEAR)

/** 1 in mid-afternoon when sun and algae have done most, -1 before dawn. */
export const sunEffect = (t: number): number => Math.cos((2 * Math.PI * (localHour(t) - 15)) / 24)

export interface Runoff {
  /** Millimetres of recent rain still draining: raises levels, dilutes. Falls by half in about a day. */
  readonly draining: number
  /** Millimetres of rain still washing soil in: raises turbidity. Falls by half in about five hours. */
  readonly washing: number
}

const response = (hours: number, riseHours: number, fallHours: number): number =>
  (1 - Math.exp(-hours / riseHours)) * Math.exp(-hours / fallHours)

/** What the rains of the last days still do at epoch milliseconds `t`. */
export function runoff(seed: number, t: number): Runoff {
  const current = Math.floor(t / SLOT_MS)
  let draining = 0
  let washing = 0
  for (let slot = current - SLOTS_FELT; slot <= current; slot++) {
    const start = slot * SLOT_MS
    if (uniform(seed, RAIN, slot) > 0.03 + 0.2 * wetness(start)) continue
    const onset = start + uniform(seed, ONSET, slot) * SLOT_MS
    if (onset >= t) continue
    const depth = Math.min(MOST_DEPTH_MM, -MEAN_DEPTH_MM * Math.log(1 - uniform(seed, DEPTH, slot)))
    const hours = (t - onset) / MS_PER_HOUR
    draining += depth * response(hours, 3, 34)
    washing += depth * response(hours, 0.7, 7)
  }
  return { draining, washing }
}
