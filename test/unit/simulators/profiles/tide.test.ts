import { expect, test } from 'vitest'

import { K1_PERIOD_HOURS, M2_PERIOD_HOURS, type TideRegime, tide } from '../../../../simulators/profiles/tide.ts'

const HOUR = 3_600_000
const DAYS = 120
const START = Date.UTC(2026, 0, 1)

/** Times of high water over the days, to the minute. */
function highWaters(regime: TideRegime): number[] {
  const times: number[] = []
  const step = HOUR / 6
  for (let t = START; t < START + DAYS * 24 * HOUR; t += step) {
    if (tide(regime, t) > tide(regime, t - step) && tide(regime, t) >= tide(regime, t + step)) times.push(t)
  }
  return times
}

/** Strength of a period in the curve, as the amplitude of its Fourier term. */
function amplitude(regime: TideRegime, periodHours: number): number {
  let [cosine, sine] = [0, 0]
  const samples = DAYS * 24
  for (let hour = 0; hour < samples; hour++) {
    const height = tide(regime, START + hour * HOUR)
    const angle = (2 * Math.PI * (START / HOUR + hour)) / periodHours
    cosine += height * Math.cos(angle)
    sine += height * Math.sin(angle)
  }
  return (2 * Math.hypot(cosine, sine)) / samples
}

test('the semi-diurnal coast has two high waters a day, 12.42 hours apart in the mean', () => {
  const times = highWaters('semi-diurnal')
  const gap = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1) / HOUR
  expect(gap).toBeGreaterThan(12.3)
  expect(gap).toBeLessThan(12.55)
})

test('M2 leads on the semi-diurnal coast, K1 and O1 in the Gulf of Tonkin', () => {
  expect(amplitude('semi-diurnal', M2_PERIOD_HOURS)).toBeGreaterThan(2 * amplitude('semi-diurnal', K1_PERIOD_HOURS))
  expect(amplitude('diurnal', K1_PERIOD_HOURS)).toBeGreaterThan(4 * amplitude('diurnal', M2_PERIOD_HOURS))
})

test('heights stay within one and come near it at springs', () => {
  for (const regime of ['semi-diurnal', 'diurnal'] as const) {
    const heights = Array.from({ length: DAYS * 24 }, (_, hour) => tide(regime, START + hour * HOUR))
    expect(Math.max(...heights)).toBeLessThanOrEqual(1)
    expect(Math.max(...heights)).toBeGreaterThan(0.75)
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(-1)
  }
})
