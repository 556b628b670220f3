import { describe, expect, test } from 'vitest'

import { DECODE_ERRORS } from '../../libs/core/decode/codes.ts'
import { MAX_CHANNELS, MAX_EVENT_IDENTITIES } from '../../libs/core/decode/device-state.ts'
import { MAX_ITEMS } from '../../libs/core/decode/native-telemetry.ts'
import { MAX_DEPTH } from '../../libs/core/decode/parse-payload.ts'
import { MAX_REFUSALS } from '../../libs/core/decode/refused-messages.ts'
import { MAX_BOOTS, MAX_RANGES } from '../../libs/core/decode/sequence-window.ts'
import { ERRORS } from '../../libs/core/errors.ts'
import { configWith } from '../../libs/runtime/config.ts'
import { CONNECT_LIMIT_BYTES, PACKET_LIMIT_BYTES, SKIP_LIMIT_BYTES } from '../../services/ingest/packet-limit.ts'
import { DECODE_START, type DecodeRun, device, rawLog, runDecoder } from '../support/decode-log.ts'
import { pathOf, withTable } from '../support/doc-table.ts'
import { readSource } from '../support/source-files.ts'

const PATH = 'docs/gateways.md'
const DOC = readSource(PATH)

/** Blocks that begin with ```json and this word. */
const blocks = (word: string): string[] =>
  [...DOC.matchAll(/^```json (\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, kind]) => kind === word)
    .map(([, , text = '']) => text)

/** A block is one payload, or one on each line. */
function payloads(text: string): string[] {
  try {
    JSON.parse(text)
    return [text]
  } catch {
    return text.trimEnd().split('\n')
  }
}

/** What the page's own registration makes of a payload that comes a moment after the times on the page. */
function decode(payload: string, kind: 'telemetry' | 'event' = 'telemetry'): DecodeRun {
  const log = rawLog([{ at: DECODE_START + 500, bytes: Buffer.from(payload), [kind]: '' }])
  return runDecoder(log, { devices: [device('tram-01', { expectedIntervalSeconds: 3600 })] })
}

describe('docs/gateways.md', () => {
  test.each(blocks('telemetry').flatMap(payloads))('shows telemetry that is stored without a flag: %s', (payload) => {
    const { readings, rejections } = decode(payload)
    expect(rejections).toEqual([])
    expect(readings.length).toBeGreaterThan(0)
    expect(readings.filter(({ flags }) => flags !== 0)).toEqual([])
  })

  test.each(blocks('event'))('shows an event of which nothing is left out: %s', (payload) => {
    const { events, rejections } = decode(payload, 'event')
    expect(rejections).toEqual([])
    expect(events).toEqual([expect.objectContaining(JSON.parse(payload))])
  })

  test.each(blocks('rejected'))('shows what decode says of the payload in it: %s', (answer) => {
    const { payload, receivedAt, ...said } = JSON.parse(answer) as Record<string, string>
    const [rejection] = decode(payload ?? '').rejections
    expect(rejection).toMatchObject(said)
    expect(new Date(rejection?.receivedAt ?? 0).toISOString()).toBe(receivedAt)
  })

  test('has examples of each kind', () => {
    expect(['telemetry', 'event', 'rejected'].map((kind) => blocks(kind).length > 0)).toEqual([true, true, true])
  })

  test('explains every code that a device can get, and no other', () => {
    const table = DOC.split('<!-- codes -->')[1]?.split('<!-- /codes -->')[0] ?? ''
    const explained = [...table.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, code]) => code)
    const fromIngest = Object.keys(ERRORS).filter((code) => code.startsWith('KENG_INGEST_'))
    expect(explained.sort()).toEqual([...new Set([...Object.keys(DECODE_ERRORS), ...fromIngest])].sort())
  })

  test('holds the table of limits, row by row', async () => {
    const { mqttConnectTimeoutSeconds, mqttMaxConnections, mqttMaxInFlightBytesPerClient } = configWith({})
    const rows = [
      ['CONNECT packet', bytes(CONNECT_LIMIT_BYTES), 'cut'],
      ['time from opening the connection to a complete CONNECT', `${mqttConnectTimeoutSeconds} s`, 'cut'],
      ['connections of all devices', number(mqttMaxConnections), 'closed as they open'],
      ['packet', bytes(PACKET_LIMIT_BYTES), `cut twice within an hour, then dropped up to ${bytes(SKIP_LIMIT_BYTES)}`],
      [
        'bytes of one connection that are not durable yet',
        bytes(mqttMaxInFlightBytesPerClient),
        'not read until they are',
      ],
      ['messages in an array', number(MAX_ITEMS), '`KENG_DECODE_TOO_MANY_ITEMS`'],
      ['levels of arrays and objects', number(MAX_DEPTH), '`KENG_DECODE_TOO_DEEP`'],
      ['channels of a device', number(MAX_CHANNELS), '`KENG_DECODE_TOO_MANY_CHANNELS`'],
      ['`boot`s that are remembered, and runs of `seq` of each', `${MAX_BOOTS}, ${MAX_RANGES}`, 'recognised by `ts`'],
      ['events of a device that are remembered', number(MAX_EVENT_IDENTITIES), 'stored again'],
      ['answers to one message on `…/rejected`', number(MAX_REFUSALS), 'the last one says how many more'],
    ]
    const page = withTable(DOC, 'limits', ['What', 'At most', 'Beyond'], rows)
    await expect(page).toMatchFileSnapshot(pathOf(PATH))
  })
})

const number = (value: number): string => value.toLocaleString('en')

function bytes(value: number): string {
  const kib = value / 1024
  return kib >= 1024 ? `${kib / 1024} MiB` : `${kib} KiB`
}
