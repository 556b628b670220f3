import { describe, expect, test } from 'vitest'

import { isDeviceId, lateAfterMs } from '../../../../libs/core/device.ts'
import { SCENARIOS } from '../../../../simulators/scenarios/catalog.ts'
import { communeWater } from '../../../../simulators/scenarios/commune-water.ts'
import { fleetLoad } from '../../../../simulators/scenarios/fleet-load.ts'

const SEED = 1
const MINUTE = 60_000

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('scenario %s', (_name, scenario) => {
  const devices = scenario.devices({ seed: SEED })

  test('registers devices with distinct usable ids and NFC names, all marked simulated', () => {
    expect(devices.length).toBeGreaterThan(3)
    expect(new Set(devices.map(({ registration }) => registration.id)).size).toBe(devices.length)
    for (const { registration } of devices) {
      expect(isDeviceId(registration.id)).toBe(true)
      expect(registration.simulated).toBe(true)
      expect(registration.name).toBe(registration.name?.normalize('NFC'))
    }
  })

  test('begins so near to now that its backlog is not late', () => {
    for (const { registration } of devices) expect(lateAfterMs(registration)).toBeGreaterThan(scenario.backlogMs)
  })

  test('gives the rate that is asked for', () => {
    const asked = scenario.devices({ seed: SEED, rate: 50 })
    expect(asked.reduce((sum, { intervalMs }) => sum + 1000 / intervalMs, 0)).toBeCloseTo(50, 6)
  })
})

test('in the demonstration one station is above 4 g/L of salt at any time, and no other', () => {
  for (let t = Date.UTC(2026, 0, 1); t < Date.UTC(2027, 0, 1); t += 1471 * MINUTE) {
    const salty = communeWater
      .devices({ seed: SEED })
      .filter(({ sample }) => Number(sample(t)['water.salinity'] ?? 0) > 4)
    expect(salty.map(({ registration }) => registration.id)).toEqual(['tuky-cong-ven-song'])
  }
})

test('in the demonstration the clean water is above 2 NTU for over three minutes of every quarter of an hour', () => {
  const outlet = communeWater.devices({ seed: SEED }).find(({ registration }) => registration.id === 'tuky-nuoc-sach')
  const over = Array.from(
    { length: 15 },
    (_, minute) => Number(outlet?.sample(Date.UTC(2026, 10, 22) + minute * MINUTE + MINUTE / 2)['water.turbidity']) > 2,
  )
  expect(over.filter(Boolean).length).toBeGreaterThanOrEqual(4)
  expect(over.filter(Boolean).length).toBeLessThanOrEqual(6)
})

test('a fleet has as many devices as asked, and the first ones do not change with the number', () => {
  const few = fleetLoad.devices({ seed: SEED, devices: 10 })
  const many = fleetLoad.devices({ seed: SEED, devices: 1000 })
  expect(many).toHaveLength(1000)
  expect(many.slice(0, 10).map(({ registration }) => registration)).toEqual(few.map(({ registration }) => registration))
})
