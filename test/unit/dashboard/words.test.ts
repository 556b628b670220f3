import { describe, expect, test } from 'vitest'
import { ageWords, durationWords } from '../../../services/dashboard/model/age-words.ts'
import {
  dayWords,
  localMidnight,
  minuteWords,
  secondWords,
  whenWords,
} from '../../../services/dashboard/model/clock-words.ts'
import {
  compareChannels,
  describeChannel,
  formatValue,
  withUnit,
} from '../../../services/dashboard/model/describe-channel.ts'
import {
  digitsOfStep,
  formatCount,
  formatNumber,
  usualDigits,
} from '../../../services/dashboard/model/format-number.ts'
import { EN } from '../../../services/dashboard/words/words-en.ts'
import { VI } from '../../../services/dashboard/words/words-vi.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('ages', () => {
  test.each([
    [-5 * SECOND, 'vừa xong', 'just now'],
    [1.9 * SECOND, 'vừa xong', 'just now'],
    [12.9 * SECOND, '12 giây trước', '12 seconds ago'],
    [59.9 * SECOND, '59 giây trước', '59 seconds ago'],
    [MINUTE, '1 phút trước', '1 minute ago'],
    [59.9 * MINUTE, '59 phút trước', '59 minutes ago'],
    [47 * HOUR, '47 giờ trước', '47 hours ago'],
    [3 * DAY, '3 ngày trước', '3 days ago'],
  ])('%d ms is «%s», "%s"', (age, vi, en) => {
    expect(ageWords(age, VI)).toBe(vi)
    expect(ageWords(age, EN)).toBe(en)
  })

  test.each([
    [-1, '0 giây'],
    [59 * SECOND, '59 giây'],
    [25 * MINUTE, '25 phút'],
    [2 * HOUR, '2 giờ'],
    [HOUR + 5 * MINUTE, '1 giờ 5 phút'],
    [DAY + 3 * HOUR, '1 ngày 3 giờ'],
  ])('%d ms lasted «%s»', (duration, vi) => {
    expect(durationWords(duration, VI)).toBe(vi)
  })
})

describe('times of day', () => {
  const at = Date.parse('2026-11-21T17:00:05Z') // midnight of the 22nd in Vietnam

  test('are those of Vietnam, with 24 hours', () => {
    expect(secondWords(at)).toBe('00:00:05')
    expect(minuteWords(at - MINUTE)).toBe('23:59')
    expect(dayWords(at, 'vi')).toBe('22/11')
    expect(dayWords(at - MINUTE, 'en')).toBe('21 Nov')
    expect(localMidnight(at)).toBe(Date.parse('2026-11-21T17:00:00Z'))
  })

  test('carry the day when it is another one, and the year when that is another one', () => {
    expect(whenWords(at, at + HOUR, 'vi')).toBe('00:00')
    expect(whenWords(at, at - MINUTE, 'vi')).toBe('00:00 22/11')
    expect(whenWords(at, at + 400 * DAY, 'vi', secondWords)).toBe('00:00:05 22/11/2026')
    expect(whenWords(at, at + 400 * DAY, 'en')).toBe('00:00 22 Nov 2026')
  })
})

describe('numbers', () => {
  test('are written as in Vietnam, and as in English', () => {
    expect(formatNumber(1234.5, 2, 'vi')).toBe('1.234,50')
    expect(formatNumber(1234.5, 2, 'en')).toBe('1,234.50')
    expect(formatCount(12_345, 'vi')).toBe('12.345')
  })

  test('have a true minus, and none before a zero', () => {
    expect(formatNumber(-0.35, 1, 'vi')).toMatch(/^−0,[34]$/)
    expect(formatNumber(-0.04, 1, 'vi')).toBe('0,0')
    expect(formatNumber(-0.04, 1, 'en')).toBe('0.0')
  })

  test('have as many decimals as the step needs', () => {
    expect([0.01, 0.1, 0.5, 1, 5, 0.002].map(digitsOfStep)).toEqual([2, 1, 1, 0, 0, 3])
    expect([0.5, 12, -340].map(usualDigits)).toEqual([2, 1, 0])
  })
})

describe('channels', () => {
  test('have the catalogue’s names, units and decimals', () => {
    const turbidity = describeChannel('water.turbidity', '[NTU]', 'vi')
    expect(turbidity).toEqual({ name: 'Độ đục', unit: 'NTU', digits: 1 })
    expect(withUnit(formatValue(32, turbidity, 'vi', VI), turbidity.unit)).toBe('32,0\u00a0NTU')
  })

  test('do not say pH twice, and say yes or no for booleans', () => {
    expect(describeChannel('water.ph', 'pH', 'en')).toEqual({ name: 'Water pH', unit: '', digits: 2 })
    expect(formatValue(true, describeChannel('irrigation.valve', 'bool', 'vi'), 'vi', VI)).toBe('Có')
  })

  test('that are not known keep their own name and unit', () => {
    const unknown = describeChannel('water.mystery', null, 'vi')
    expect(unknown).toEqual({ name: 'water.mystery', unit: '', digits: null })
    expect(formatValue(63.24, unknown, 'vi', VI)).toBe('63,2')
    expect(describeChannel('constructor', 'x', 'vi').name).toBe('constructor')
  })

  test('stand in the catalogue’s order, unknown ones behind', () => {
    const channels = ['water.mystery', 'device.battery', 'water.level', 'a.b', 'water.ph']
    expect(channels.sort(compareChannels)).toEqual([
      'water.ph',
      'water.level',
      'device.battery',
      'a.b',
      'water.mystery',
    ])
  })
})

describe('both languages', () => {
  const leaves = (words: object, path = ''): [string, unknown][] =>
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === 'object' && value !== null
        ? leaves(value, `${path}${key}.`)
        : [[`${path}${key}`, value] as [string, unknown]],
    )

  test('have the same words, none of them empty', () => {
    expect(leaves(EN).map(([path]) => path)).toEqual(leaves(VI).map(([path]) => path))
    expect(leaves({ VI, EN }).filter(([, value]) => value === '')).toEqual([])
  })
})
