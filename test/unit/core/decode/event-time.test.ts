import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventTime } from '../../../../libs/core/decode/event-time.ts'

const VIETNAM = 'Asia/Ho_Chi_Minh'
const at = (iso: string): number => Date.parse(iso)

describe('the time of a message', () => {
  test.each([
    [1_760_000_000_000, 1_760_000_000_000],
    [1_760_000_000_000.9, 1_760_000_000_000],
    [-1.5, -2],
    [0, 0],
    ['2026-03-01T03:00:00Z', at('2026-03-01T03:00:00Z')],
    ['2026-03-01t03:00:00z', at('2026-03-01T03:00:00Z')],
    ['2026-03-01 03:00Z', at('2026-03-01T03:00:00Z')],
    ['2026-03-01T03:00:00.123456Z', at('2026-03-01T03:00:00.123Z')],
    ['2026-03-01T03:00:00,5Z', at('2026-03-01T03:00:00.500Z')],
    ['2026-03-01T10:00:00+07:00', at('2026-03-01T03:00:00Z')],
    ['2026-03-01T10:00:00+0700', at('2026-03-01T03:00:00Z')],
    ['2026-03-01T10:00:00+07', at('2026-03-01T03:00:00Z')],
    ['2026-02-28T17:30:00-09:30', at('2026-03-01T03:00:00Z')],
    ['20260301T100000', at('2026-03-01T03:00:00Z')],
    ['20260301T030000Z', at('2026-03-01T03:00:00Z')],
    ['2026-03-01T10:00:00', at('2026-03-01T03:00:00Z')],
    ['2024-02-29T00:00:00Z', at('2024-02-29T00:00:00Z')],
    ['2026-03-01T24:00:00Z', at('2026-03-02T00:00:00Z')],
    ['2016-12-31T23:59:60Z', at('2017-01-01T00:00:00Z')],
    ['0001-01-01T00:00:00Z', at('0001-01-01T00:00:00Z')],
  ])('%s is read', (ts, expected) => {
    expect(eventTime(ts, VIETNAM)).toBe(expected)
  })

  test.each([undefined, null])('%s is absent', (ts) => {
    expect(eventTime(ts, VIETNAM)).toBe('absent')
  })

  test.each([
    Number.POSITIVE_INFINITY,
    8.64e15 + 1000,
    '1760000000000',
    '2026-03-01',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-03-01T25:00:00Z',
    '2026-03-01T24:00:01Z',
    '2026-03-01T23:60:00Z',
    '2026-03-01T23:00:61Z',
    '2026-03-01T10:00:00+24:00',
    '2026-03-01T10:00:00+07:60',
    '2026-03-01T10:00:00 +07:00 ',
    'hôm qua',
    '',
    true,
    { $date: 5 },
    `2026-03-01T10:00:00.${'0'.repeat(100)}Z`,
  ])('%s is refused', (ts) => {
    expect(eventTime(ts, VIETNAM)).toMatchObject({ code: 'KENG_DECODE_TIME' })
  })

  test.each([
    // Clocks went from 02:00 to 03:00, and from 03:00 back to 02:00.
    ['Europe/Berlin', '2026-03-29T01:59:59', '2026-03-29T00:59:59Z'],
    ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30:00Z'],
    ['Europe/Berlin', '2026-03-29T03:00:00', '2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
    ['Europe/Berlin', '2026-10-25T03:00:00', '2026-10-25T02:00:00Z'],
    // Half an hour of summer time.
    ['Australia/Lord_Howe', '2026-10-04T02:15:00', '2026-10-03T15:45:00Z'],
    // A whole day that never was.
    ['Pacific/Apia', '2011-12-30T12:00:00', '2011-12-30T22:00:00Z'],
    // Sài Gòn was an hour ahead until 13 June 1975.
    [VIETNAM, '1975-06-12T12:00:00', '1975-06-12T04:00:00Z'],
    [VIETNAM, '1976-01-01T12:00:00', '1976-01-01T05:00:00Z'],
    ['Asia/Bangkok', '2026-03-01T10:00:00', '2026-03-01T03:00:00Z'],
  ])('in %s %s is %s', (zone, local, utc) => {
    expect(eventTime(local, zone)).toBe(at(utc))
  })

  test('local times come back to the instant they were made from, where they occur once', () => {
    const zone = fc.constantFrom(VIETNAM, 'Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu')
    const instant = fc.integer({ min: at('1990-01-01T00:00:00Z') / 1000, max: at('2040-01-01T00:00:00Z') / 1000 })
    fc.assert(
      fc.property(zone, instant, (name, seconds) => {
        const local = localText(seconds * 1000, name)
        const read = Number(eventTime(local, name))
        expect(localText(read, name)).toBe(local)
        expect(read).toBeLessThanOrEqual(seconds * 1000)
      }),
      { numRuns: 50 },
    )
  })

  test('an unknown zone is named', () => {
    expect(eventTime('2026-03-01T10:00:00', 'Asia/Atlantis')).toMatchObject({
      code: 'KENG_DECODE_TIME',
      message: expect.stringContaining('"Asia/Atlantis" is no time zone'),
    })
  })
})

const formats = new Map<string, Intl.DateTimeFormat>()

function localText(utc: number, timeZone: string): string {
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  formats.set(timeZone, format)
  return format.format(utc).replace(' ', 'T')
}
