import { describe, expect, test } from 'vitest'
import type { FlagName } from '../../../libs/core/reading.ts'
import { axisRange, type ChartPoint, chartColumns } from '../../../services/dashboard/model/chart-columns.ts'
import { CHART_QUESTIONS, PERIODS, windowStart } from '../../../services/dashboard/model/chart-question.ts'
import { mergeBuckets } from '../../../services/dashboard/model/merge-buckets.ts'
import { gapLimitMs, gapsAfter, medianStep } from '../../../services/dashboard/model/split-gaps.ts'

const MINUTE = 60_000

const point = (minute: number, value: number, flags: readonly FlagName[] = [], raw = true): ChartPoint => ({
  ts: minute * MINUTE,
  value,
  low: value,
  high: value,
  flags,
  raw,
})

describe('gaps', () => {
  const regular = [0, 1, 2, 3, 10, 11, 12].map((minute) => minute * MINUTE)

  test('are found where more than two and a half usual steps are missing', () => {
    expect(medianStep(regular)).toBe(MINUTE)
    expect(gapsAfter(regular, gapLimitMs(regular, 0, 0))).toEqual([3])
  })

  test('are not found where the station promises less often, or buckets are wider', () => {
    expect(gapsAfter(regular, gapLimitMs(regular, 600_000, 0))).toEqual([])
    expect(gapsAfter(regular, gapLimitMs(regular, 0, 3 * MINUTE))).toEqual([])
  })

  test('need two points', () => {
    expect(medianStep([5])).toBeNull()
    expect(gapsAfter([5], gapLimitMs([5], 0, 0))).toEqual([])
    expect(gapsAfter([], gapLimitMs([], 0, 0))).toEqual([])
  })
})

describe('the columns of the chart', () => {
  test('interrupt the curve in the middle of each gap', () => {
    const { x, value, points } = chartColumns([point(0, 1), point(1, 2), point(2, 3), point(12, 4), point(13, 5)], 0, 0)
    expect(value).toEqual([1, 2, 3, null, 4, 5])
    expect(x).toEqual([0, 60, 120, 420, 720, 780])
    expect(points[3]).toBeNull()
  })

  test('keep what cannot be used beside the curve and out of its range', () => {
    const columns = chartColumns(
      [point(0, 7), point(1, 99, ['out-of-range']), point(2, 7.5), point(3, 0, ['calibrating'])],
      0,
      0,
    )
    expect(columns.value).toEqual([7, undefined, 7.5, undefined])
    expect(columns.range).toEqual([7, 7.5])
    expect(columns.points[1]?.value).toBe(99)
  })

  test('leave a gap where a station sends for long what cannot be used', () => {
    const broken = Array.from({ length: 6 }, (_, index) => point(3 + index, 99, ['fault']))
    const { value } = chartColumns([point(0, 7), point(1, 7), point(2, 7), ...broken, point(9, 7)], 60_000, 0)
    expect(value.filter((entry) => entry === null)).toHaveLength(1)
  })

  test('keep late, spiking and simulated values on the curve', () => {
    const flags: FlagName[][] = [['late'], ['spike', 'simulated'], ['simulated']]
    expect(
      chartColumns(
        flags.map((some, index) => point(index, index, some)),
        0,
        0,
      ).value,
    ).toEqual([0, 1, 2])
  })

  test('keep a bucket whose flags name a reading that its mean leaves out', () => {
    expect(chartColumns([point(0, 7, ['out-of-range'], false)], 0, 0).value).toEqual([7])
  })

  test('stay in time order, every x with its entry in each column', () => {
    const columns = chartColumns(
      [0, 1, 2, 9, 10, 30, 31].map((minute) => point(minute, minute)),
      0,
      0,
    )
    expect([...columns.x].sort((a, b) => a - b)).toEqual(columns.x)
    for (const column of [columns.low, columns.high, columns.value, columns.points])
      expect(column).toHaveLength(columns.x.length)
  })

  test('are empty without points', () => {
    expect(chartColumns([], 0, 0)).toEqual({ x: [], low: [], high: [], value: [], points: [], range: null })
  })
})

test('the axis leaves air around a curve, and shows at least twenty steps of the channel', () => {
  const [low, high] = axisRange([7, 8], 0.01)
  expect(low).toBeLessThan(7)
  expect(high).toBeGreaterThan(8)
  expect(axisRange([7, 7], 0.5)).toEqual([2, 12])
  expect(axisRange([6, 8], 0.5)).toEqual([2, 12])
  expect(axisRange(null, 1)).toEqual([0, 1])
})

test('buckets join their mean, lowest and highest; one without a value is left out', () => {
  const at = (minute: number): string => new Date(minute * MINUTE).toISOString()
  const joined = mergeBuckets(
    [
      [at(0), 5, []],
      [at(3), null, ['fault']],
      [at(6), 6, ['late']],
    ],
    [[at(0), 4, []]],
    [[at(0), 9, []]],
  )
  expect(joined).toEqual([
    { ts: 0, value: 5, low: 4, high: 9, flags: [], raw: false },
    { ts: 6 * MINUTE, value: 6, low: 6, high: 6, flags: ['late'], raw: false },
  ])
  expect(mergeBuckets([[at(0), true, []]], null, null)).toEqual([
    { ts: 0, value: 1, low: 1, high: 1, flags: [], raw: true },
  ])
})

test('the axis begins with the first measurement of a new channel, and is never narrower than ten minutes', () => {
  const now = 1000 * MINUTE
  expect(windowStart(60 * MINUTE, null, now)).toBe(940 * MINUTE)
  expect(windowStart(60 * MINUTE, 970 * MINUTE, now)).toBe(970 * MINUTE)
  expect(windowStart(60 * MINUTE, 998 * MINUTE, now)).toBe(990 * MINUTE)
  expect(windowStart(60 * MINUTE, 900 * MINUTE, now)).toBe(940 * MINUTE)
})

test('every period asks for at most a thousand buckets that divide the day', () => {
  for (const period of PERIODS) {
    const { spanMs, everyMs, every } = CHART_QUESTIONS[period]
    if (everyMs === 0) {
      expect(every).toBeNull()
      continue
    }
    expect(every).toBe(`${everyMs / MINUTE}m`)
    expect((24 * 60 * MINUTE) % everyMs).toBe(0)
    expect(spanMs / everyMs).toBeLessThanOrEqual(1000)
  }
})
