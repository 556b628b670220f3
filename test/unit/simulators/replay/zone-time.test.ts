import { expect, test } from 'vitest'

import { createToUtc, isTimeZone } from '../../../../simulators/replay/zone-time.ts'

const local = (iso: string): number => Date.parse(`${iso}Z`)
const iso = (times: readonly number[]): string[] => times.map((t) => new Date(t).toISOString())

test('zones without clock changes shift by their offset', () => {
  expect(iso(createToUtc('Australia/Brisbane')(local('2017-03-12T01:00')))).toEqual(['2017-03-11T15:00:00.000Z'])
  expect(iso(createToUtc('Asia/Ho_Chi_Minh')(local('2026-01-01T00:00')))).toEqual(['2025-12-31T17:00:00.000Z'])
})

test('offsets of their time of year are used, near a change too', () => {
  const london = createToUtc('Europe/London')
  expect(iso(london(local('2016-07-01T12:00')))).toEqual(['2016-07-01T11:00:00.000Z'])
  expect(iso(london(local('2016-12-01T12:00')))).toEqual(['2016-12-01T12:00:00.000Z'])
  expect(iso(london(local('2016-03-27T00:59')))).toEqual(['2016-03-27T00:59:00.000Z'])
  expect(iso(london(local('2016-03-27T02:00')))).toEqual(['2016-03-27T01:00:00.000Z'])
  expect(iso(london(local('2016-10-30T02:00')))).toEqual(['2016-10-30T02:00:00.000Z'])
})

test('a time that exists twice has two answers, the earlier first', () => {
  expect(iso(createToUtc('Europe/London')(local('2016-10-30T01:30')))).toEqual([
    '2016-10-30T00:30:00.000Z',
    '2016-10-30T01:30:00.000Z',
  ])
})

test('a time that a change leaves out lands after the change', () => {
  expect(iso(createToUtc('Europe/London')(local('2016-03-27T01:30')))).toEqual(['2016-03-27T01:30:00.000Z'])
})

test('only IANA names are zones', () => {
  expect(isTimeZone('Asia/Ho_Chi_Minh')).toBe(true)
  expect(isTimeZone('Asia/Tu_Ky')).toBe(false)
})
