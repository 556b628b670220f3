import { describe, expect, test } from 'vitest'

import { conductivityOf, salinityOf } from '../../../../simulators/profiles/salinity.ts'
import { type WaterStation, waterStationMessage } from '../../../../simulators/profiles/water-station.ts'
import { localHour, runoff } from '../../../../simulators/profiles/weather.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const YEAR = Date.UTC(2026, 0, 1)
const SEED = 11

const canal: WaterStation = { id: 'canal', kind: 'canal', power: 'solar', baseLevel: 1.4, baseConductivity: 430 }
const estuary: WaterStation = {
  id: 'estuary',
  kind: 'estuary',
  power: 'battery',
  regime: 'semi-diurnal',
  baseLevel: 1.8,
  tideAmplitude: 1,
  seaSalinity: 14,
  saltWedge: 0,
}
const outlet: WaterStation = { id: 'outlet', kind: 'clean-water', power: 'mains' }

/** A value every few hours for a year; the step walks through the hours of the day. */
const year = (station: WaterStation, channel: string, seed = SEED): { t: number; value: number }[] => {
  const samples = []
  for (let t = YEAR; t < YEAR + 365 * DAY; t += 5 * HOUR + 60_000) {
    samples.push({ t, value: waterStationMessage(station, seed, t).values[channel] ?? Number.NaN })
  }
  return samples
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('a water station', () => {
  test('measures the same for the same seed and time, whatever was asked before', () => {
    const t = YEAR + 100 * DAY + 12_345
    const once = waterStationMessage(estuary, SEED, t)
    waterStationMessage(canal, 99, t - DAY)
    expect(waterStationMessage(estuary, SEED, t)).toEqual(once)
    expect(waterStationMessage(estuary, SEED + 1, t)).not.toEqual(once)
    expect(waterStationMessage({ ...estuary, id: 'other' }, SEED, t)).not.toEqual(once)
  })

  test.each([
    [canal, 'water.temperature', 12, 34],
    [canal, 'water.dissolved_oxygen', 1, 12],
    [canal, 'water.ph', 6.2, 8.6],
    [canal, 'water.level', 1.1, 4],
    [canal, 'water.conductivity', 100, 600],
    [canal, 'water.turbidity', 2, 600],
    [canal, 'device.battery', 30, 100],
    [estuary, 'water.level', 0.3, 4.5],
    [estuary, 'water.salinity', 0, 16],
    [estuary, 'water.turbidity', 3, 600],
    [estuary, 'device.battery', 11, 100],
    [outlet, 'water.chlorine', 0.2, 1],
    [outlet, 'water.turbidity', 0.05, 2],
    [outlet, 'water.ph', 6.5, 8.5],
    [outlet, 'water.pressure', 150, 320],
  ])('stays plausible through a year: $id $1 between $2 and $3', (station, channel, least, most) => {
    const values = year(station, channel).map(({ value }) => value)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(least)
    expect(Math.max(...values)).toBeLessThanOrEqual(most)
    expect(new Set(values).size).toBeGreaterThan(10)
  })

  test('is warmer in July than in January, and has more oxygen in the afternoon than before dawn', () => {
    const samples = year(canal, 'water.temperature')
    const inMonth = (month: number) =>
      mean(samples.filter(({ t }) => new Date(t).getUTCMonth() === month).map(({ value }) => value))
    expect(inMonth(6) - inMonth(0)).toBeGreaterThan(8)
    const oxygen = year(canal, 'water.dissolved_oxygen')
    const between = (from: number, to: number) =>
      mean(oxygen.filter(({ t }) => localHour(t) >= from && localHour(t) < to).map(({ value }) => value))
    expect(between(13, 17) - between(2, 6)).toBeGreaterThan(1)
  })

  test('shows rain as higher level, more turbidity and lower conductivity', () => {
    const rain = year(canal, 'water.level').map(({ t }) => ({ t, ...runoff(SEED, t) }))
    const wet = rain.filter(({ draining }) => draining > 25).map(({ t }) => waterStationMessage(canal, SEED, t).values)
    const dry = rain.filter(({ draining }) => draining < 1).map(({ t }) => waterStationMessage(canal, SEED, t).values)
    expect(wet.length).toBeGreaterThan(20)
    expect(dry.length).toBeGreaterThan(100)
    const of = (list: typeof wet, channel: string) => mean(list.map((values) => values[channel] ?? Number.NaN))
    expect(of(wet, 'water.level')).toBeGreaterThan(of(dry, 'water.level') + 0.2)
    expect(of(wet, 'water.turbidity')).toBeGreaterThan(of(dry, 'water.turbidity') * 1.5)
    expect(of(wet, 'water.conductivity')).toBeLessThan(of(dry, 'water.conductivity') * 0.85)
  })

  test('reports salinity that follows from its conductivity, and more of it at high water than at low', () => {
    const samples = year(estuary, 'water.salinity').map(({ t }) => waterStationMessage(estuary, SEED, t).values)
    for (const values of samples) {
      expect(salinityOf(values['water.conductivity'] ?? 0)).toBeCloseTo(values['water.salinity'] ?? Number.NaN, 1)
    }
    const levels = samples.map((values) => values['water.level'] ?? 0).sort((a, b) => a - b)
    const low = levels[Math.floor(levels.length * 0.2)] ?? 0
    const high = levels[Math.floor(levels.length * 0.8)] ?? 0
    const salt = (keep: (level: number) => boolean) =>
      mean(
        samples
          .filter((values) => keep(values['water.level'] ?? 0))
          .map((values) => values['water.salinity'] ?? Number.NaN),
      )
    expect(salt((level) => level > high)).toBeGreaterThan(1.5 * salt((level) => level < low))
  })

  test('keeps above the salt that a drought holds up the river', () => {
    const values = year({ ...estuary, saltWedge: 5 }, 'water.salinity').map(({ value }) => value)
    expect(Math.min(...values)).toBeGreaterThan(4.5)
  })

  test('lets turbidity through its filter only while the filter fails', () => {
    const leaking: WaterStation = { ...outlet, breakthrough: { everyMs: HOUR, lengthMs: HOUR / 6, peakNtu: 4 } }
    const at = (minutes: number) =>
      waterStationMessage(leaking, SEED, YEAR + minutes * 60_000).values['water.turbidity'] ?? Number.NaN
    expect(at(5)).toBeGreaterThan(4)
    expect(at(30)).toBeLessThan(1)
  })

  test('drains a primary cell slowly and charges a solar one by day', () => {
    const battery = (station: WaterStation, t: number) =>
      waterStationMessage(station, SEED, t).values['device.battery'] ?? Number.NaN
    const cell = year(estuary, 'device.battery').map(({ value }) => value)
    const changes = cell.filter((value, index) => index > 0 && value > (cell[index - 1] ?? 0)).length
    expect(changes).toBeGreaterThanOrEqual(1)
    expect(changes).toBeLessThanOrEqual(2)
    const noons = Array.from({ length: 60 }, (_, day) => battery(canal, YEAR + day * DAY + 10 * HOUR))
    const nights = Array.from({ length: 60 }, (_, day) => battery(canal, YEAR + day * DAY + 22 * HOUR))
    expect(mean(noons)).toBeGreaterThan(mean(nights) + 5)
    expect(waterStationMessage(outlet, SEED, YEAR).values).not.toHaveProperty('device.battery')
  })

  test('reports with the resolution of such sensors', () => {
    for (const { value } of year(canal, 'water.level').slice(0, 50)) expect(Number(value.toFixed(3))).toBe(value)
    for (const { value } of year(canal, 'water.ph').slice(0, 50)) expect(Number(value.toFixed(2))).toBe(value)
  })
})

test('conductivity and salinity are inverse, about 1.8 mS/cm a gram per litre and 53 at sea', () => {
  for (const salinity of [0.1, 1, 4, 12, 35]) expect(salinityOf(conductivityOf(salinity))).toBeCloseTo(salinity, 9)
  expect(conductivityOf(1)).toBeGreaterThan(1600)
  expect(conductivityOf(1)).toBeLessThan(2000)
  expect(conductivityOf(35)).toBeCloseTo(52_800, -3)
})
