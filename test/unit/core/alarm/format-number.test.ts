import { expect, test } from 'vitest'

import { formatBeside, formatNumber } from '../../../../libs/core/alarm/format-number.ts'

test.each([
  [7.2, '7,2', '7.2'],
  [1234.5, '1.234,5', '1,234.5'],
  [-1_234_567, '-1.234.567', '-1,234,567'],
  [0.1 + 0.2, '0,3', '0.3'],
  [-0.0001, '0', '0'],
  [100, '100', '100'],
])('%d reads %s in Vietnamese and %s in English', (value, vi, en) => {
  expect([formatNumber(value, 'vi'), formatNumber(value, 'en')]).toEqual([vi, en])
})

test('a value just over the limit is shown with as many decimals as it takes to see that it is over', () => {
  expect(formatBeside(8.50004, 8.5, 'en', 2)).toBe('8.50004')
  expect(formatBeside(9.123, 8.5, 'vi', 2)).toBe('9,12')
  expect(formatBeside(8.5, 8.5, 'en', 2)).toBe('8.5')
  expect(formatBeside(0.30000000000000004, 0.3, 'en')).toBe('0.30000000000000004')
})
