/** How a station is fed, seen through its battery. */

import { hash, textHash, wander } from '../noise.ts'
import { type Runoff, sunEffect } from './weather.ts'

export type Power = 'solar' | 'battery' | 'mains'

const MS_PER_DAY = 86_400_000
/** A primary cell lasts about this long at one message a few minutes, and is changed before it is empty. */
const CELL_DAYS = 300
const CHANGED_AT_PERCENT = 12

const BATTERY = textHash('battery')

/** Charge in percent, or null on mains. Solar sags in the night and under rain clouds; a primary cell only declines. */
export function batteryPercent(power: Power, seed: number, station: number, t: number, rain: Runoff): number | null {
  if (power === 'mains') return null
  if (power === 'battery') {
    const installed = hash(seed, station ^ BATTERY, 0) % CELL_DAYS
    const age = (((t / MS_PER_DAY + installed) % CELL_DAYS) + CELL_DAYS) % CELL_DAYS
    return 100 - (100 - CHANGED_AT_PERCENT) * (age / CELL_DAYS)
  }
  const clouds = Math.min(1, rain.washing / 25)
  // Charge follows the sun by some two hours.
  const daily = 7 * sunEffect(t - 2 * 3_600_000)
  return Math.min(
    100,
    88 + daily * (1 - 0.6 * clouds) - 22 * clouds + 2 * wander(seed, station ^ BATTERY, t, MS_PER_DAY),
  )
}
