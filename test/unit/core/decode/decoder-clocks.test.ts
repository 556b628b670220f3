import { describe, expect, test } from 'vitest'
import type { DeviceEntry } from '../../../../libs/core/device.ts'
import { flagNames } from '../../../../libs/core/reading.ts'
import { type Arrival, DECODE_START, device, rawLog, runDecoder } from '../../../support/decode-log.ts'

const T = DECODE_START
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** A value of water.ph that arrived at `at` and claims `ts`, both in milliseconds after the start. */
const ph = (at: number, ts: number | undefined, value: number, status?: string): Arrival => ({
  at: T + at,
  telemetry: { ...(ts === undefined ? {} : { ts: T + ts }), values: { 'water.ph': value }, ...(status && { status }) },
})

const run = (arrivals: readonly Arrival[], entry: DeviceEntry = device('tram-01')) =>
  runDecoder(rawLog(arrivals), { devices: [entry], batches: [1], restart: true })
const flags = (arrivals: readonly Arrival[], entry?: DeviceEntry) =>
  run(arrivals, entry).readings.map((reading) => flagNames(reading.flags).join(' '))
const latest = (arrivals: readonly Arrival[]) =>
  run(arrivals)
    .decoder.latest('tram-01')
    .map(({ value, ts }) => [value, ts - T])

describe('flags of time', () => {
  test('a reading is late after two minutes, two intervals or what the device says, and not before', () => {
    expect(flags([ph(2 * MINUTE, 0, 7), ph(2 * MINUTE + 2, 1, 7)])).toEqual(['', 'late'])
    const slow = device('tram-01', { expectedIntervalSeconds: 600 })
    expect(flags([ph(20 * MINUTE, 0, 7), ph(20 * MINUTE + 2, 1, 7)], slow)).toEqual(['', 'late'])
    const strict = device('tram-01', { lateAfterSeconds: 0 })
    expect(flags([ph(0, 0, 7), ph(2, 1, 7)], strict)).toEqual(['', 'late'])
  })

  test('an older reading that is not late is out of order, a late one only late', () => {
    expect(flags([ph(0, 0, 7), ph(1, -1, 7), ph(2, -3 * MINUTE, 7)])).toEqual(['', 'out-of-order', 'late'])
  })

  test('a clock is suspect before 2000 and beyond two minutes ahead', () => {
    const y2k = Date.UTC(2000, 0, 1) - T
    expect(flags([ph(0, y2k - 1, 7), ph(0, y2k, 7), ph(0, 2 * MINUTE, 7), ph(0, 2 * MINUTE + 1, 7)])).toEqual([
      'clock-suspect',
      'late',
      '',
      'clock-suspect',
    ])
  })

  test('a suspect clock leaves what is newest alone', () => {
    expect(flags([ph(0, 60 * MINUTE, 7), ph(1000, 500, 7), ph(2000, -T, 7), ph(3000, 2500, 7)])).toEqual([
      'clock-suspect',
      '',
      'clock-suspect',
      '',
    ])
  })
})

describe('the latest reading', () => {
  test('is the newest by its own time, not by arrival', () => {
    expect(latest([ph(0, 0, 7), ph(1000, -500, 8)])).toEqual([[7, 0]])
  })

  test('may be late, where nothing is newer', () => {
    expect(latest([ph(0, -60 * MINUTE, 7), ph(1, -59 * MINUTE, 8)])).toEqual([[8, -59 * MINUTE]])
  })

  test('is none that the device, its clock or physics speaks against', () => {
    expect(latest([ph(0, 0, 7), ph(1, 1, 8, 'calibrating'), ph(2, 2, 8, 'fault'), ph(3, 3, 15), ph(4, -T, 9)])).toEqual(
      [[7, 0]],
    )
  })

  test('takes a revision of itself', () => {
    expect(latest([ph(0, 0, 7), ph(1, 0, 7.5)])).toEqual([[7.5, 0]])
  })

  test('of a device that nobody knows is empty', () => {
    expect(run([]).decoder.latest('nobody')).toEqual([])
  })
})

describe('a clock that was a day ahead and is set back', () => {
  const back: Arrival = { at: T + MINUTE, steppedBy: -DAY }
  const wrong = [ph(DAY, DAY, 7), ph(DAY + 1000, undefined, 7.1), back]

  test('does not hold up the channels that it stamped', () => {
    const after = [ph(MINUTE + 1000, MINUTE + 900, 8), ph(MINUTE + 2000, MINUTE + 1900, 8.1)]
    expect(flags([...wrong, ...after])).toEqual(['', '', '', ''])
    expect(latest([...wrong, ...after])).toEqual([[8.1, MINUTE + 1900]])
  })

  test('does not make arrivals wait for the day that was too early', () => {
    const { readings } = run([...wrong, ph(MINUTE + 1000, undefined, 8), ph(MINUTE + 1000, undefined, 8.1)])
    expect(readings.slice(2).map(({ ts }) => ts - T)).toEqual([MINUTE + 1000, MINUTE + 1001])
  })

  test('keeps a backfill near its arrival, though times far ahead are stored', () => {
    const backfill = Array.from({ length: 20 }, (_, minute) => ({ ts: minute * MINUTE, values: { 'water.ph': 7 } }))
    const { readings } = run([...wrong, { at: T + 2 * MINUTE, telemetry: backfill }])
    expect(readings.slice(2).map(({ ts }) => ts - T)).toEqual(backfill.map((_, index) => 2 * MINUTE + index + 0.5))
  })

  test('learns from a repetition that the day has come', () => {
    const come = [ph(DAY + MINUTE, DAY, 7), ph(DAY + MINUTE + 1, DAY - 1000, 6)]
    expect(flags([...wrong, ...come])).toEqual(['', '', 'out-of-order'])
  })

  test('overwrites nothing when the same time comes a second time', () => {
    const again = [ph(0, undefined, 1), ph(1, undefined, 2), { at: T - 5, steppedBy: -10 }, ph(0, undefined, 3)]
    const { readings } = run(again)
    expect(readings.map(({ ts, value }) => [ts - T, value])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ])
  })

  test('leaves repetitions of that day duplicates', () => {
    const { ledger, readings } = run([...wrong, ph(DAY + MINUTE, DAY, 7)])
    expect(readings).toHaveLength(2)
    expect([...ledger.values()].map((row) => row.duplicate)).toEqual([0, 1])
  })
})

describe('who was heard', () => {
  test('is the device whose message came live: new, known or with a wrong clock, but not late and not nonsense', () => {
    const arrivals = [
      ph(0, 0, 7),
      ph(1, 0, 7),
      ph(2, -T, 7),
      ph(3, -60 * MINUTE, 7),
      { at: T + 4, bytes: Buffer.from('{') },
      { at: T + 5 },
      { at: T + 6, event: { kind: 'sos' } },
      {
        at: T + 7,
        telemetry: [
          { ts: T - 60 * MINUTE, values: { a: 1 } },
          { ts: T, values: { a: 1 } },
        ],
      },
    ]
    const heard = run(arrivals).records.map((record) => record.heard !== null)
    expect(heard).toEqual([true, true, true, false, false, false, true, true])
  })
})

describe('what the registry says', () => {
  const short = device('tram-01', { channels: { ph: 'water.ph' } })
  const send = (at: number): Arrival => ({ at: T + at, telemetry: { ts: T + at, values: { ph: 7 } } })

  test('holds from its place in the log on', () => {
    const { readings, rejections, records } = run([
      send(0),
      { at: T, entry: short },
      send(1),
      { at: T, entry: { id: 'tram-01', deleted: true } },
      send(2),
      { at: T, entry: { ...short, simulated: true } },
      send(3),
    ])
    expect(readings.map(({ channel, flags: bits }) => [channel, flagNames(bits).join()])).toEqual([
      ['ph', 'unknown-channel'],
      ['water.ph', ''],
      ['water.ph', 'simulated'],
    ])
    expect(rejections.map(({ code, device: id }) => [code, id])).toEqual([['KENG_DECODE_DEVICE', 'tram-01']])
    expect(records[1]?.entry).toEqual(short)
  })

  test('counts at a restart only where the log has not spoken', () => {
    const log = rawLog([{ at: T, entry: short }, send(1)])
    const { memory, readings } = runDecoder(log, { devices: [device('tram-01')], batches: [1], restart: true })
    expect(memory.get('entry/tram-01')).toBe(JSON.stringify(short))
    expect(readings).toMatchObject([{ channel: 'water.ph' }])
  })
})
