/** A golden case is a folder that a field engineer can add: what a device sent, and what decode must make of it. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { DecodedBatch, DeviceEvent } from '../../libs/core/decode/decoded.ts'
import { createDecoder } from '../../libs/core/decode/decoder.ts'
import type { DeviceEntry } from '../../libs/core/device.ts'
import { encodeMessage } from '../../libs/core/log/raw-record.ts'
import { flagNames, type Reading } from '../../libs/core/reading.ts'

const ROOT = fileURLToPath(new URL('decode/', import.meta.url))
const cases = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory())
const mayWrite = process.env.UPDATE_GOLDEN === '1' && process.env.CI !== 'true'

describe('decode of golden folders', () => {
  test('there are cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(30)
  })

  test.each(cases.map(({ name }) => name))('%s gives what its expected.txt says', (name) => {
    const folder = `${ROOT}${name}/`
    const made = decodeCase(folder)
    if (mayWrite) writeFileSync(`${folder}expected.txt`, made)
    expect(existsSync(`${folder}expected.txt`), 'no expected.txt: write it, or run once with UPDATE_GOLDEN=1').toBe(true)
    expect(made).toBe(readFileSync(`${folder}expected.txt`, 'utf8'))
  })
})

function decodeCase(folder: string): string {
  const topic = readFileSync(`${folder}topic.txt`, 'utf8').trim()
  const payloadFile = existsSync(`${folder}payload.bin`) ? 'payload.bin' : 'payload.json'
  const payload = readFileSync(folder + payloadFile)
  const device = JSON.parse(readFileSync(`${folder}device.json`, 'utf8')) as DeviceEntry
  const context = readContext(readFileSync(`${folder}context.txt`, 'utf8'))
  const receivedAt = Date.parse(context.get('receivedAt') ?? '')
  const publisher = context.get('publisher') ?? device.id
  const value = encodeMessage('mqtt', publisher, topic, receivedAt, payload)
  const decoder = createDecoder({ devices: [device], memory: new Map() })
  const points = decoder.begin([{ partition: 0, offset: 0, time: receivedAt, value }])
  return describeBatch(decoder.finish(points.map(() => undefined)))
}

/** Lines of `name: value`. */
const readContext = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [name = '', ...value] = line.split(': ')
      return value.length === 0 ? [] : [[name, value.join(': ')]]
    }),
  )

function describeBatch({ records, events, rejections, ledger }: DecodedBatch): string {
  const lines = [
    ...records.flatMap(({ readings }) => readings.map(describeReading)),
    ...events.map(describeEvent),
    ...rejections.map(({ id, code, message, payload }) => `${code} ${id} (${payload.length} bytes): ${message}`),
    ...ledger.map((row) => `ledger ${row.device}: ${counts(row)}`),
    `heard: ${records[0]?.heard ?? 'no'}`,
  ]
  return `${lines.join('\n')}\n`
}

const counts = (row: object): string =>
  Object.entries(row)
    .filter(([name, count]) => name !== 'device' && name !== 'minute' && count !== 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')

const time = (ms: number): string => new Date(ms).toISOString()
const aside = (flags: number, claimedTs: number | undefined): string =>
  `${flags === 0 ? '' : ` ${flagNames(flags).join(' ')}`}${claimedTs === undefined ? '' : ` claimed ${time(claimedTs)}`}`

const describeReading = ({ device, channel, ts, value, flags, claimedTs }: Reading): string =>
  `${time(ts)} ${device} ${channel} ${value}${aside(flags, claimedTs)}`

function describeEvent(event: DeviceEvent): string {
  const { partition, offset, device, id, identity, kind, ts, receivedAt, flags, claimedTs, ...details } = event
  const named = id === undefined ? '' : ` id ${id}`
  return `${time(ts)} ${device} event ${kind}${named}${aside(flags, claimedTs)} ${JSON.stringify(details)}`
}
