import { expect, test } from 'vitest'

import { gaussian, hash, textHash, uniform, wander } from '../../../simulators/noise.ts'

const STREAM = textHash('test')
const COUNT = 20_000

test('uniform numbers are spread evenly, and neighbours in place, seed and stream have nothing to do with each other', () => {
  const cells = new Array<number>(20).fill(0)
  for (let i = 0; i < COUNT; i++) {
    const cell = Math.floor(uniform(1, STREAM, i) * cells.length)
    cells[cell] = (cells[cell] ?? 0) + 1
  }
  const expected = COUNT / cells.length
  const chiSquare = cells.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
  // 19 degrees of freedom: 43.8 is passed by one good generator in a thousand.
  expect(chiSquare).toBeLessThan(43.8)

  const correlation = (other: (i: number) => number): number => {
    let sum = 0
    for (let i = 0; i < COUNT; i++) sum += (uniform(1, STREAM, i) - 0.5) * (other(i) - 0.5)
    return (12 * sum) / COUNT
  }
  expect(Math.abs(correlation((i) => uniform(1, STREAM, i + 1)))).toBeLessThan(0.03)
  expect(Math.abs(correlation((i) => uniform(2, STREAM, i)))).toBeLessThan(0.03)
  expect(Math.abs(correlation((i) => uniform(1, STREAM + 1, i)))).toBeLessThan(0.03)
})

test('gaussian numbers have mean 0 and deviation 1', () => {
  let [sum, squares] = [0, 0]
  for (let i = 0; i < COUNT; i++) {
    const value = gaussian(3, STREAM, i)
    sum += value
    squares += value * value
  }
  expect(Math.abs(sum / COUNT)).toBeLessThan(0.03)
  expect(Math.abs(squares / COUNT - 1)).toBeLessThan(0.05)
})

test('places beyond 32 bits are told apart, as epoch milliseconds are', () => {
  const t = Date.UTC(2026, 0, 1)
  const seen = new Set(Array.from({ length: 1000 }, (_, i) => hash(1, STREAM, t + i * 2 ** 32)))
  expect(seen.size).toBe(1000)
})

test('a wander has no jumps', () => {
  for (let t = 0; t < 100_000; t += 100) {
    expect(Math.abs(wander(4, STREAM, t + 1, 1000) - wander(4, STREAM, t, 1000))).toBeLessThan(0.02)
  }
})
