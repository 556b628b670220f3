import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LedgerCounts } from '../../../../libs/core/ledger.ts'
import { FLAG } from '../../../../libs/core/reading.ts'
import { type Arrival, DECODE_START, type DecodeRun, device, rawLog, runDecoder } from '../../../support/decode-log.ts'

const MINUTE = 60_000
const RUNS = { numRuns: 50 }
const DEVICES = [
  device('tram-01'),
  device('tram-02', { channels: { ph: 'water.ph' }, lateAfterSeconds: 5, simulated: true }),
]

// Few times, values, channels and numbers, so that repetitions, conflicts and collisions are common.
const values = fc.dictionary(
  fc.constantFrom('water.ph', 'ph', 'x.y', '__proto__'),
  fc.constantFrom(7, 7.5, 99, true, 'no'),
  {
    maxKeys: 3,
  },
)
const ts = fc.oneof(
  fc.constantFrom(0, 1000, -1),
  fc.integer({ min: -12, max: 12 }).map((steps) => DECODE_START + steps * 500),
  fc.constantFrom(DECODE_START - 10 * MINUTE, DECODE_START + 3 * MINUTE, DECODE_START + 60 * MINUTE),
)
const message = fc.record(
  { ts, values, boot: fc.constantFrom('a', 'b'), seq: fc.nat(4), status: fc.constantFrom('measuring', 'fault') },
  { requiredKeys: ['values'] },
)
const event = fc.record(
  {
    kind: fc.constantFrom('smoke', 'sos', 5),
    ts,
    id: fc.constantFrom('e1', 'e2'),
    phase: fc.constantFrom('start', 'end'),
  },
  { requiredKeys: ['kind'] },
)
const id = fc.constantFrom('tram-01', 'tram-02')
const telemetry = fc.oneof({ weight: 3, arbitrary: message }, fc.array(message, { maxLength: 5 }))
const arrival = fc.oneof(
  { weight: 12, arbitrary: fc.record({ telemetry, device: id }) },
  { weight: 2, arbitrary: fc.record({ event, device: id }) },
  { weight: 1, arbitrary: fc.record({ bytes: fc.uint8Array({ maxLength: 20 }), device: id }) },
  { weight: 1, arbitrary: fc.record({ telemetry, device: fc.constant('nobody'), publisher: fc.constant('tram-02') }) },
  {
    weight: 1,
    arbitrary: fc.record({ entry: fc.constantFrom(...DEVICES, device('tram-01', { channels: { ph: 'x.y' } })) }),
  },
  { weight: 1, arbitrary: fc.constant({ entry: { id: 'tram-01', deleted: true as const } }) },
  { weight: 1, arbitrary: fc.record({ steppedBy: fc.constantFrom(-2500, -60 * MINUTE, 60 * MINUTE) }) },
  { weight: 1, arbitrary: fc.constant({}) },
)
const arrivals = fc.array(fc.tuple(arrival, fc.nat(3)), { maxLength: 40 }).map(clocked)
const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 })

/** Gives each arrival its time by a clock that clock steps move. */
function clocked(steps: readonly (readonly [Omit<Arrival, 'at'>, number])[]): Arrival[] {
  let at = DECODE_START
  return steps.map(([what, waited]) => {
    at += waited * 250 + (what.steppedBy ?? 0)
    return { ...what, at }
  })
}

const outcome = ({ records, events, rejections, ledger, memory, stored }: DecodeRun) => ({
  records,
  events,
  rejections,
  ledger: new Map([...ledger].sort()),
  memory: new Map([...memory].sort()),
  stored,
})

/** The matcher is slow: it only has to explain a difference. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
}

describe('decode of any log', () => {
  test('gives the same whatever the batches', () => {
    fc.assert(
      fc.property(arrivals, cuts, (what, batches) => {
        const log = rawLog(what)
        const one = runDecoder(log, { devices: DEVICES, batches: [1] })
        expectSame(outcome(runDecoder(log, { devices: DEVICES, batches })), outcome(one))
        expectSame(outcome(runDecoder(log, { devices: DEVICES })), outcome(one))
      }),
      RUNS,
    )
  })

  test('goes on from its memory as if it had not stopped', () => {
    fc.assert(
      fc.property(arrivals, cuts, (what, batches) => {
        const log = rawLog(what)
        const through = runDecoder(log, { devices: DEVICES })
        const restarted = runDecoder(log, { devices: DEVICES, batches, restart: true })
        expectSame(outcome(restarted), outcome(through))
        for (const { id: name } of DEVICES) {
          expectSame(restarted.decoder.latest(name), through.decoder.latest(name))
        }
      }),
      RUNS,
    )
  })

  test('never stores two readings at one point but where the later is flagged as revised', () => {
    fc.assert(
      fc.property(arrivals, (what) => {
        const seen = new Set<string>()
        for (const { series, ts: at, flags } of runDecoder(rawLog(what), { devices: DEVICES }).readings) {
          const point = `${series} ${at}`
          expect(seen.has(point)).toBe((flags & FLAG.revised) !== 0)
          seen.add(point)
        }
      }),
      RUNS,
    )
  })

  test('accounts for every message once', () => {
    fc.assert(
      fc.property(arrivals, (what) => {
        const { ledger } = runDecoder(rawLog(what), { devices: DEVICES })
        const counted = [...ledger.values()].reduce((sum, counts) => sum + total(counts), 0)
        expect(counted).toBe(expectedMessages(what))
      }),
      RUNS,
    )
  })

  test('survives any bytes on any topic', () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 10 }), (payloads) => {
        const log = rawLog(payloads.map((bytes, index) => ({ at: DECODE_START + index, bytes })))
        expect(runDecoder(log).records).toHaveLength(payloads.length)
      }),
      RUNS,
    )
  })
})

const total = (counts: LedgerCounts): number => counts.stored + counts.partial + counts.duplicate + counts.rejected

/** One for each message, or for each item of an array from a device that is registered at that place. */
function expectedMessages(what: readonly Arrival[]): number {
  const registered = new Set(DEVICES.map((entry) => entry.id))
  let messages = 0
  for (const { entry, telemetry: sent, event: happened, bytes, device: from = '' } of what) {
    if (entry !== undefined) {
      if ('deleted' in entry) registered.delete(entry.id)
      else registered.add(entry.id)
    } else if (sent !== undefined || happened !== undefined || bytes !== undefined) {
      const isRead = registered.has(from) && Array.isArray(sent) && sent.length > 0
      messages += isRead ? (sent as unknown[]).length : 1
    }
  }
  return messages
}
