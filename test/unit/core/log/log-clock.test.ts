import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLogClock } from '../../../../libs/core/log/log-clock.ts'

const DAY = 86_400_000
const T = Date.UTC(2026, 10, 22)

describe('log clock', () => {
  test('follows the wall clock while nobody sets it', () => {
    const clock = createLogClock(null, T, 0)
    expect(clock.read(T + 1_000, 1_000)).toEqual({ time: T + 1_000, receivedAt: T + 1_000, steppedBy: 0 })
  })

  test('a box that wakes up in the past goes on from the newest record', () => {
    const clock = createLogClock({ time: T, receivedAt: T }, T - 3 * 3_600_000, 0)
    expect(clock.read(T - 3 * 3_600_000 + 500, 500)).toEqual({ time: T + 500, receivedAt: T + 500, steppedBy: 0 })
    expect(clock.behindMs()).toBe(3 * 3_600_000)
    clock.read(T, 1_000)
    expect(clock.behindMs(), 'set meanwhile').toBe(0)
  })

  test('NTP then sets the clock right, and both times follow it', () => {
    const clock = createLogClock({ time: T, receivedAt: T }, 0, 0)
    const read = clock.read(T + 60_000, 1_000)
    expect(read).toMatchObject({ time: T + 60_000, receivedAt: T + 60_000 })
    expect(read.steppedBy).toBeGreaterThan(0)
  })

  test('a day forward and back: log time goes on, arrival is right again after it', () => {
    const clock = createLogClock(null, T, 0)
    expect(clock.read(T + DAY, 1_000)).toMatchObject({ time: T + DAY, receivedAt: T + DAY, steppedBy: DAY - 1_000 })
    const back = clock.read(T + 2_000, 2_000)
    expect(back).toEqual({ time: T + DAY + 1_000, receivedAt: T + 2_000, steppedBy: 1_000 - DAY })
    expect(clock.read(T + 7_000, 7_000)).toEqual({ time: T + DAY + 6_000, receivedAt: T + 7_000, steppedBy: 0 })
  })

  test('a restart after such a step back believes the wall clock', () => {
    const clock = createLogClock({ time: T + DAY, receivedAt: T }, T + 5_000, 0)
    expect(clock.read(T + 6_000, 1_000)).toEqual({ time: T + DAY + 1_000, receivedAt: T + 6_000, steppedBy: 0 })
  })

  test('log time that is ahead goes on however often it is read', () => {
    const clock = createLogClock({ time: T + DAY, receivedAt: T }, T, 0)
    for (let read = 1; read <= 100_000; read++) clock.read(T + read / 100, read / 100)
    expect(clock.read(T + 1_000, 1_000).time).toBeCloseTo(T + DAY + 1_000, -1)
  })

  test('log time never goes back, whatever the wall clock does', () => {
    const steps = fc.array(fc.record({ elapsed: fc.nat(10_000), wall: fc.integer({ min: -2 * DAY, max: 2 * DAY }) }))
    fc.assert(
      fc.property(steps, (readings) => {
        const clock = createLogClock({ time: T, receivedAt: T }, T, 0)
        let monotonic = 0
        let last = T
        for (const { elapsed, wall } of readings) {
          monotonic += elapsed
          const { time } = clock.read(T + wall, monotonic)
          expect(time).toBeGreaterThanOrEqual(last)
          expect(time).toBeGreaterThanOrEqual(last + elapsed - 1)
          last = time
        }
      }),
    )
  })
})
