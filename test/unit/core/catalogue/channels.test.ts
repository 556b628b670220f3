import { describe, expect, test } from 'vitest'
import { CATALOGUE, channelOf } from '../../../../libs/core/catalogue/channels.ts'

// The names and units of contract.md, section 2: written out once more, so that nobody changes one by accident.
const CONTRACT = `
water.ph pH, water.level m, water.turbidity [NTU], water.conductivity uS/cm, water.salinity g/L,
water.dissolved_oxygen mg/L, water.temperature Cel, water.ammonium mg/L, water.chlorine mg/L, water.orp mV,
water.cod mg/L, water.tss mg/L, water.pressure kPa, water.flow m3/h, soil.moisture %, soil.temperature Cel,
soil.conductivity uS/cm, paddy.level cm, irrigation.valve bool, irrigation.pressure kPa, irrigation.pulses 1,
air.pm25 ug/m3, air.pm10 ug/m3, air.co ug/m3, air.no2 ug/m3, air.so2 ug/m3, air.o3 ug/m3, air.co2 [ppm],
air.temperature Cel, air.humidity %, wind.speed m/s, wind.direction deg, rain.rate mm/h, bin.fill %,
bin.temperature Cel, bin.tilt bool, device.battery %, device.battery_voltage V, device.rssi dB[mW], device.snr dB`

describe('the catalogue', () => {
  test('holds the channels of the contract with their units, and no other', () => {
    const listed = CONTRACT.trim().split(/,\s+/)
    expect([...CATALOGUE].map(([name, { unit }]) => `${name} ${unit}`)).toEqual(listed)
  })

  test.each([...CATALOGUE])('%s has names in both languages, a range and a step', (name, channel) => {
    expect(name).toMatch(/^[a-z]+\.[a-z0-9_]+$/)
    expect(channel.vi).toBe(channel.vi.normalize('NFC'))
    expect(channel.vi).not.toBe(channel.en)
    expect(channel.range[0]).toBeLessThan(channel.range[1])
    expect(channel.step).toBeGreaterThan(0)
    expect(channel.shown === '').toBe(channel.unit === 'bool' || channel.unit === '1')
  })

  test('keeps what was measured beside straw fires in range', () => {
    expect(channelOf('air.pm25')?.range[1]).toBeGreaterThan(29_070)
    expect(channelOf('air.pm10')?.range[1]).toBeGreaterThan(37_310)
    expect(channelOf('air.co')?.range[1]).toBeGreaterThan(56_030)
  })

  test.each(['constructor', '__proto__', 'toString', '', 'water'])('knows no channel named "%s"', (name) => {
    expect(channelOf(name)).toBeUndefined()
  })
})
