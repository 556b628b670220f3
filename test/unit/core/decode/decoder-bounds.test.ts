import { expect, test } from 'vitest'
import { MAX_CHANNELS, MAX_EVENT_IDENTITIES } from '../../../../libs/core/decode/device-state.ts'
import { MAX_REFUSALS } from '../../../../libs/core/decode/refused-messages.ts'
import { encodeOversized, telemetryTopic } from '../../../../libs/core/log/raw-record.ts'
import { DECODE_START, rawLog, runDecoder } from '../../../support/decode-log.ts'

const T = DECODE_START

test('a packet that was too large is rejected with its size, and its start is kept', () => {
  const head = Buffer.from('{"ts":')
  const value = encodeOversized('tram-01', telemetryTopic('tram-01'), T, 300_000, head)
  const { rejections, ledger } = runDecoder([{ partition: 2, offset: 40, time: T, value }])
  expect(rejections).toMatchObject([
    { id: '2-40-0', device: 'tram-01', code: 'KENG_INGEST_TOO_LARGE', receivedAt: T, payload: head },
  ])
  expect(rejections[0]?.message).toContain('300000 bytes')
  expect([...ledger.values()]).toMatchObject([{ rejected: 1, stored: 0 }])
})

test('a device has 128 channels, whatever it calls them and however often it starts', () => {
  const send = (from: number) => ({
    at: T + from,
    telemetry: { values: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`c.n${from + n}`, n])) },
  })
  const { readings, rejections } = runDecoder(rawLog([send(0), send(40), send(80), send(120), send(0)]), {
    batches: [1],
    restart: true,
  })
  expect(new Set(readings.map(({ channel }) => channel)).size).toBe(MAX_CHANNELS)
  expect(readings).toHaveLength(MAX_CHANNELS + 40)
  expect(rejections.map(({ code }) => code)).toEqual(new Array(MAX_REFUSALS).fill('KENG_DECODE_TOO_MANY_CHANNELS'))
  expect(rejections.at(-1)?.message).toContain(`${40 - 8 - MAX_REFUSALS} more values of this message were refused`)
})

test('an item of an array that is refused is kept as the bytes that were sent, and can be sent again by themselves', () => {
  const bytes = Buffer.from('[{"values":{"a.b":1}}, {"values":{"a.b":1e999}} ,{"values":{"a.b":1,"a.b":null}}]')
  const { rejections } = runDecoder(rawLog([{ at: T, bytes }]))
  expect(rejections.map(({ payload }) => Buffer.from(payload).toString().trim())).toEqual([
    '{"values":{"a.b":1e999}}',
    '{"values":{"a.b":1,"a.b":null}}',
  ])
})

test('identities of events are remembered up to a bound', () => {
  const event = (n: number) => ({ at: T + n, event: { kind: 'smoke', id: `e${n}`, ts: T } })
  const all = Array.from({ length: MAX_EVENT_IDENTITIES + 1 }, (_, n) => event(n))
  const { events } = runDecoder(rawLog([...all, event(1), event(MAX_EVENT_IDENTITIES), event(0)]))
  expect(events).toHaveLength(all.length + 1)
  expect(events.at(-1)?.id).toBe('e0')
})

test('nothing of a message reaches the prototype of objects', () => {
  const bytes = Buffer.from(
    '{"__proto__":{"polluted":1},"values":{"__proto__":5,"constructor":{"prototype":{"polluted":1}}}}',
  )
  const { rejections } = runDecoder(rawLog([{ at: T, bytes }]))
  expect(rejections.map(({ code }) => code)).toEqual(['KENG_DECODE_VALUE', 'KENG_DECODE_CHANNEL'])
  expect('polluted' in {}).toBe(false)
})

test('an empty batch gives an empty batch, and a record that no version wrote is named', () => {
  const { decoder } = runDecoder(rawLog([{ at: T }]))
  expect(decoder.begin([])).toEqual([])
  expect(decoder.finish([])).toMatchObject({ next: 1, records: [], rejections: [], ledger: [], events: [] })
  expect(() => decoder.begin([{ partition: 0, offset: 1, time: T, value: Buffer.alloc(20, 9) }])).toThrow(RangeError)
})
