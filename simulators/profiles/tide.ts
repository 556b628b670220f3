/** Sea level from the four largest tidal constituents: enough for spring and neap, and for which coast it is. */

export type TideRegime = 'semi-diurnal' | 'diurnal'

interface Constituent {
  /** Period in hours: an astronomical constant, the same everywhere. */
  readonly periodHours: number
  /** Share of the range and phase in radians; what differs from coast to coast. */
  readonly share: number
  readonly phase: number
}

const MS_PER_HOUR = 3_600_000

export const M2_PERIOD_HOURS = 12.4206012
export const S2_PERIOD_HOURS = 12
export const K1_PERIOD_HOURS = 23.9344696
export const O1_PERIOD_HOURS = 25.8193417

/**
 * The coast of the Mekong delta on the East Sea has two high waters a day (M2, S2 lead); the Gulf of Tonkin, with Hải
 * Phòng, has one (K1, O1 lead). The shares are round figures for a plausible shape, not a tide table.
 */
const REGIMES: Readonly<Record<TideRegime, readonly Constituent[]>> = {
  'semi-diurnal': [
    { periodHours: M2_PERIOD_HOURS, share: 0.52, phase: 0.6 },
    { periodHours: S2_PERIOD_HOURS, share: 0.2, phase: 1.9 },
    { periodHours: K1_PERIOD_HOURS, share: 0.17, phase: 4.1 },
    { periodHours: O1_PERIOD_HOURS, share: 0.11, phase: 2.7 },
  ],
  diurnal: [
    { periodHours: M2_PERIOD_HOURS, share: 0.06, phase: 1.1 },
    { periodHours: S2_PERIOD_HOURS, share: 0.03, phase: 0.4 },
    { periodHours: K1_PERIOD_HOURS, share: 0.44, phase: 3.2 },
    { periodHours: O1_PERIOD_HOURS, share: 0.47, phase: 5.0 },
  ],
}

/** Height at epoch milliseconds `t`, between -1 (lowest astronomical tide) and 1. */
export function tide(regime: TideRegime, t: number): number {
  const hours = t / MS_PER_HOUR
  let height = 0
  for (const { periodHours, share, phase } of REGIMES[regime]) {
    height += share * Math.cos((2 * Math.PI * hours) / periodHours - phase)
  }
  return height
}
