import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createVirtualClock } from '../../../libs/runtime/virtual-clock.ts'

describe('the virtual clock', () => {
  test('calls timers at their own times, in the order of these times', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), fc.array(fc.nat(300), { minLength: 1 }), (delays, steps) => {
        const clock = createVirtualClock(0)
        const fired: number[] = []
        for (const delay of delays) clock.after(delay, () => fired.push(clock.monotonic()))
        for (const step of steps) clock.advance(step)
        const passed = steps.reduce((sum, step) => sum + step, 0)
        expect(fired).toEqual(delays.filter((delay) => delay <= passed).sort((a, b) => a - b))
      }),
    )
  })

  test('runs a timer that a timer set, when it falls due in the same advance', () => {
    const clock = createVirtualClock(0)
    const fired: number[] = []
    const again = () => {
      fired.push(clock.now())
      clock.after(10, again)
    }
    clock.after(10, again)
    clock.advance(35)
    expect(fired).toEqual([10, 20, 30])
  })

  test('does not call a cancelled timer', () => {
    const clock = createVirtualClock(0)
    let calls = 0
    const cancel = clock.after(5, () => calls++)
    cancel()
    clock.advance(10)
    expect(calls).toBe(0)
  })

  test('jumps on the wall without moving monotonic time or timers', () => {
    const clock = createVirtualClock(1_000)
    let calls = 0
    clock.after(100, () => calls++)
    clock.setWall(86_400_000)
    expect([clock.now(), clock.monotonic(), calls]).toEqual([86_400_000, 0, 0])
    clock.advance(100)
    expect([clock.now(), clock.monotonic(), calls]).toEqual([86_400_100, 100, 1])
  })
})
