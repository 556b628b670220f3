import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BootWindow,
  judgeSequence,
  MAX_BOOTS,
  MAX_RANGES,
  markSequence,
} from '../../../../libs/core/decode/sequence-window.ts'

describe('the window of sequence numbers', () => {
  test('knows what was seen and nothing else, in any order, within its bounds', () => {
    const message = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(60))
    fc.assert(
      fc.property(fc.array(message, { maxLength: 80 }), (messages) => {
        const windows: BootWindow[] = []
        const seen = new Set<string>()
        for (const [boot, seq] of messages) {
          const key = `${boot} ${seq}`
          expect(judgeSequence(windows, boot, seq, undefined)).toBe(seen.has(key) ? 'seen' : 'new')
          if (!seen.has(key)) markSequence(windows, boot, seq, undefined)
          seen.add(key)
        }
        for (const { ranges } of windows) {
          expect(ranges).toEqual([...ranges].sort((a, b) => a - b))
          for (let at = 2; at < ranges.length; at += 2) {
            expect(Number(ranges[at]) - Number(ranges[at - 1])).toBeGreaterThan(1)
          }
        }
      }),
    )
  })

  test('keeps numbers in order as one range', () => {
    const windows: BootWindow[] = []
    for (let seq = 0; seq < 1000; seq++) markSequence(windows, 'a', seq, seq)
    expect(windows).toEqual([{ boot: 'a', maxTs: 999, floor: 0, ranges: [0, 999] }])
  })

  test('forgets the lowest numbers beyond its ranges, and says that they are forgotten', () => {
    const windows: BootWindow[] = []
    for (let seq = 0; seq <= MAX_RANGES; seq++) markSequence(windows, 'a', 10 + seq * 2, undefined)
    expect(windows[0]?.ranges).toHaveLength(2 * MAX_RANGES)
    expect(judgeSequence(windows, 'a', 10, undefined)).toBe('forgotten')
    expect(judgeSequence(windows, 'a', 3, undefined)).toBe('forgotten')
    expect(judgeSequence(windows, 'a', 11, undefined)).toBe('new')
    expect(judgeSequence(windows, 'a', 12, undefined)).toBe('seen')
  })

  test('forgets the boot that was silent longest', () => {
    const windows: BootWindow[] = []
    for (let boot = 0; boot < MAX_BOOTS; boot++) markSequence(windows, `b${boot}`, 1, undefined)
    markSequence(windows, 'b0', 2, undefined)
    markSequence(windows, 'new', 1, undefined)
    expect(windows).toHaveLength(MAX_BOOTS)
    expect(judgeSequence(windows, 'b0', 1, undefined)).toBe('seen')
    expect(judgeSequence(windows, 'b1', 1, undefined)).toBe('new')
  })

  test('takes a number that comes again with a later time for a counter that began again', () => {
    const windows: BootWindow[] = []
    for (let seq = 0; seq < 5; seq++) markSequence(windows, 'a', seq, 1000 + seq)
    expect(judgeSequence(windows, 'a', 0, 1000)).toBe('seen')
    expect(judgeSequence(windows, 'a', 0, undefined)).toBe('seen')
    expect(judgeSequence(windows, 'a', 0, 1005)).toBe('new')
    markSequence(windows, 'a', 0, 1005)
    expect(judgeSequence(windows, 'a', 0, 1005)).toBe('seen')
    expect(judgeSequence(windows, 'a', 1, 1006)).toBe('new')
  })
})
