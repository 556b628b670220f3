import { describe, expect, test } from 'vitest'
import { FLAG } from '../../../../libs/core/reading.ts'
import { type Arrival, DECODE_START, device, rawLog, runDecoder } from '../../../support/decode-log.ts'

const T = DECODE_START
const ph = (at: number, ts: number | undefined, value: number, more: object = {}): Arrival => ({
  at,
  telemetry: { ...(ts === undefined ? {} : { ts }), values: { 'water.ph': value }, ...more },
})
const run = (arrivals: readonly Arrival[], batches: readonly number[]) => runDecoder(rawLog(arrivals), { batches })
const counts = (arrivals: readonly Arrival[], batches: readonly number[]) =>
  [...run(arrivals, batches).ledger.values()].reduce((sum, row) => ({
    stored: sum.stored + row.stored,
    partial: sum.partial + row.partial,
    duplicate: sum.duplicate + row.duplicate,
    rejected: sum.rejected + row.rejected,
  }))

// Everything must come out the same whether the messages meet in one batch or through the store.
describe.each([[[1]], [[100]]])('in batches of %s', (batches) => {
  test('the same value at the same time is a duplicate', () => {
    const twice = [ph(T, T, 7), ph(T + 9, T, 7)]
    expect(counts(twice, batches)).toEqual({ stored: 1, partial: 0, duplicate: 1, rejected: 0 })
    expect(run(twice, batches).readings).toHaveLength(1)
  })

  test('an older value that is stored already is a duplicate too', () => {
    const resent = [ph(T, T, 7), ph(T + 1000, T + 1000, 8), ph(T + 2000, T + 2000, 9), ph(T + 2001, T, 7)]
    expect(counts(resent, batches)).toEqual({ stored: 3, partial: 0, duplicate: 1, rejected: 0 })
  })

  test('a repetition of what was newest before the batch is known, though newer came since', () => {
    const log = rawLog([ph(T, T, 7), ph(T + 1000, T + 1000, 8), ph(T + 1001, T, 7)])
    const { ledger } = runDecoder(log, { batches: [1, 2] })
    expect([...ledger.values()].map((row) => [row.stored, row.duplicate])).toEqual([[2, 1]])
  })

  test('a second, different value is revised, and each later one again', () => {
    const { readings } = run([ph(T, T, 7), ph(T + 1, T, 7.5), ph(T + 2, T + 2, 8), ph(T + 3, T, 7)], batches)
    expect(readings.map(({ ts, value, flags }) => [ts - T, value, flags])).toEqual([
      [0, 7, 0],
      [0, 7.5, FLAG.revised],
      [2, 8, 0],
      [0, 7, FLAG.revised | FLAG['out-of-order']],
    ])
  })

  test('a message of which a part is known is partial, and all of it sent again a duplicate', () => {
    const both = { ts: T, values: { 'water.ph': 7, 'water.level': 1 } }
    const arrivals = [ph(T, T, 7), { at: T + 1, telemetry: both }, { at: T + 2, telemetry: both }]
    expect(counts(arrivals, batches)).toEqual({ stored: 1, partial: 1, duplicate: 1, rejected: 0 })
  })

  test('boot and seq recognise a resend, also of messages without a time', () => {
    const first = ph(T, undefined, 7, { boot: 'a', seq: 1 })
    expect(counts([first, { ...first, at: T + 500 }], batches)).toEqual({
      stored: 1,
      partial: 0,
      duplicate: 1,
      rejected: 0,
    })
  })

  test('another boot with the same seq is another message', () => {
    const arrivals = [ph(T, undefined, 7, { boot: 'a', seq: 1 }), ph(T + 1, undefined, 7, { boot: 'b', seq: 1 })]
    expect(counts(arrivals, batches).stored).toBe(2)
  })

  test('a message that was rejected does not use up its number', () => {
    const bad = { at: T, telemetry: { boot: 'a', seq: 1, values: { 'water.ph': 'x' } } }
    expect(counts([bad, ph(T, T, 7, { boot: 'a', seq: 1 })], batches)).toMatchObject({ stored: 1, rejected: 1 })
  })

  test('without any identity equal messages are all stored, each at a time of its own', () => {
    const { readings } = run([ph(T, undefined, 7), ph(T, undefined, 7), ph(T + 1, undefined, 7)], batches)
    expect(readings.map(({ ts }) => ts - T)).toEqual([0, 1, 2])
  })

  test('a time given by arrival steps over what a device claimed', () => {
    const { readings } = run([ph(T, T + 1, 5), ph(T, undefined, 6), ph(T + 1, undefined, 7)], batches)
    expect(readings.map(({ ts, value }) => [ts - T, value])).toEqual([
      [1, 5],
      [0, 6],
      [2, 7],
    ])
  })

  test('a backfill from 1970 loses nothing, and sent again adds nothing', () => {
    const backfill = Array.from({ length: 20 }, (_, minute) => ({ ts: minute * 60_000, values: { 'water.ph': 7 } }))
    const { readings } = run(
      [
        { at: T, telemetry: backfill },
        { at: T + 5, telemetry: backfill },
      ],
      batches,
    )
    expect(readings.map(({ ts }) => ts - T)).toEqual(backfill.map((_, index) => index + 0.5))
    expect(readings.map(({ claimedTs }) => claimedTs)).toEqual(backfill.map(({ ts }) => ts))
  })

  test('the same wrong time with another value, or a new number, is another reading', () => {
    const { readings } = run([ph(T, 60_000, 7), ph(T + 10, 60_000, 8), ph(T + 20, 60_000, 8)], batches)
    expect(readings.map(({ ts, value, flags }) => [ts - T, value, flags])).toEqual([
      [0.5, 7, FLAG['clock-suspect']],
      [10.5, 8, FLAG['clock-suspect']],
    ])
    const numbered = [1, 2, 2].map((seq) => ph(T + seq, 60_000, 7, { boot: 'a', seq }))
    expect(run(numbered, batches).readings).toHaveLength(2)
  })

  test('a good reading of the millisecond at which suspect ones were stored neither replaces nor repeats them', () => {
    const suspects = [ph(T, 60_000, 7), ph(T, 120_000, 8), ph(T, 180_000, 7)]
    const good = [ph(T + 3, T, 7), ph(T + 4, T + 1, 9)]
    const { readings, ledger } = run([...suspects, ...good], batches)
    expect(readings.map(({ ts, value, flags }) => [ts - T, value, flags])).toEqual([
      [0.5, 7, FLAG['clock-suspect']],
      [1.5, 8, FLAG['clock-suspect']],
      [2.5, 7, FLAG['clock-suspect']],
      [0, 7, 0],
      [1, 9, 0],
    ])
    expect([...ledger.values()].map(({ stored, duplicate }) => [stored, duplicate])).toEqual([[5, 0]])
  })

  test('an event sent again is a duplicate; two presses of a button without id and time are two', () => {
    const smoke = { kind: 'smoke', id: 'e1', phase: 'start', ts: T }
    const sos = { kind: 'sos' }
    const bytesOnly = { kind: 'person', ts: T }
    const sent = [smoke, smoke, { ...smoke, phase: 'end' }, sos, sos, bytesOnly, bytesOnly]
    const { events, ledger } = run(
      sent.map((event, index) => ({ at: T + index, event })),
      batches,
    )
    expect(events.map(({ kind, phase }) => [kind, phase])).toEqual([
      ['smoke', 'start'],
      ['smoke', 'end'],
      ['sos', undefined],
      ['sos', undefined],
      ['person', undefined],
    ])
    expect(new Set(events.map(({ identity }) => identity)).size).toBe(5)
    expect([...ledger.values()].map((row) => [row.stored, row.duplicate])).toEqual([[5, 2]])
  })
})

describe('questions to the store', () => {
  test('there are none for messages in order, nor for the newest one sent again', () => {
    const arrivals = Array.from({ length: 10 }, (_, second) => ph(T + second, T + second, second))
    const again = arrivals.map((arrival) => ({ ...arrival, at: arrival.at + 1 }))
    const log = rawLog(arrivals.flatMap((arrival, index) => [arrival, again[index] ?? arrival]))
    expect(runDecoder(log, { batches: [1] }).asked).toEqual([])
    expect(runDecoder(log).asked).toEqual([])
  })

  test('there is one for each value at or before the high-water mark of an earlier batch', () => {
    const log = rawLog([
      ph(T, T, 7),
      ph(T + 9, T + 9, 8),
      ph(T + 10, T, 7),
      ph(T + 11, T + 10, 7),
      ph(T + 12, T + 10, 7),
    ])
    expect(runDecoder(log, { batches: [2, 3] }).asked).toEqual([{ series: 0, ts: T }])
  })

  test('a suspect clock is asked for only after the series has had one', () => {
    const log = rawLog([ph(T, 1000, 7), ph(T + 1, 2000, 7)])
    expect(runDecoder(log, { batches: [1] }).asked).toEqual([{ series: 0, ts: 2000, claimed: true }])
  })
})

test('series are numbered in order of first appearance over all devices', () => {
  const log = rawLog([
    { at: T, telemetry: { ts: T, values: { 'water.ph': 7, 'water.level': 1 } } },
    { at: T, device: 'tram-02', telemetry: { ts: T, values: { 'water.level': 2 } } },
    { at: T, telemetry: { ts: T + 1, values: { 'water.level': 1, 'air.pm25': 3 } } },
  ])
  const { readings } = runDecoder(log, { devices: [device('tram-01'), device('tram-02')] })
  expect(readings.map(({ device: id, channel, series }) => `${series} ${id} ${channel}`)).toEqual([
    '0 tram-01 water.ph',
    '1 tram-01 water.level',
    '2 tram-02 water.level',
    '1 tram-01 water.level',
    '3 tram-01 air.pm25',
  ])
})
