/** Whatever is done to the files: a damaged batch is found, named and never served, and everything else is read back. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sealBatch } from '../../../../libs/adapters/segment/batch-format.ts'
import type { SegmentEventLog } from '../../../../libs/adapters/segment/segment-event-log.ts'
import { createSegmentEventLog } from '../../../../libs/adapters/segment/segment-event-log.ts'
import { appendDurably } from '../../../../libs/core/log/append-durably.ts'
import { createVirtualClock } from '../../../../libs/runtime/virtual-clock.ts'
import type { SimulatedDisk } from '../../../support/simulated-disk.ts'
import { createSimulatedDisk } from '../../../support/simulated-disk.ts'

const TOPIC = 'keng.raw.v1'
// Never the same twice: a log that forgot its salt would read nothing.
let salts = 100_000
const RUNS = Number(process.env.KENG_PROPERTY_RUNS ?? 100)
const LIMIT_MS = 20_000 + RUNS * 100

function open(disk: SimulatedDisk, segmentBytes = 3000): Promise<SegmentEventLog> {
  return createSegmentEventLog({
    dir: '/log',
    disk: disk.process().disk,
    clock: createVirtualClock(0),
    topics: [TOPIC],
    sizes: { [TOPIC]: { segmentBytes, readyBytes: 1000, growBytes: 500 } },
    newSalt: () => ++salts,
  })
}

/** A batch as a sender would forge it, who cannot know the salt. */
function forgedBatch(): Buffer {
  const bytes = Buffer.alloc(60)
  sealBatch(bytes, { salt: 1234, flags: 0, length: 60, count: 1, span: 1, baseOffset: 9_000, baseTime: 0 })
  return bytes
}

interface Damaging {
  readonly how: 'flip' | 'zero' | 'truncate' | 'garbage' | 'unreadable'
  /** Shares of the file and of its length. */
  readonly file: number
  readonly at: number
  readonly length: number
}

const damagings = fc.array(
  fc.record({
    how: fc.constantFrom(
      'flip' as const,
      'zero' as const,
      'truncate' as const,
      'garbage' as const,
      'unreadable' as const,
    ),
    file: fc.double({ min: 0, max: 0.999, noNaN: true }),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    length: fc.nat({ max: 900 }),
  }),
  { minLength: 1, maxLength: 3 },
)

function damage(disk: SimulatedDisk, { how, file, at, length }: Damaging): void {
  const files = disk.files().filter((name) => name.endsWith('.segment'))
  const name = files[Math.floor(file * files.length)] ?? ''
  const from = Math.floor(at * disk.content(name).length)
  if (how === 'unreadable') {
    disk.makeUnreadable(name, from, from + length + 1)
    return
  }
  disk.corrupt(name, (bytes) => {
    if (how === 'truncate') return bytes.subarray(0, from)
    if (how === 'flip' && from < bytes.length) bytes[from] = (bytes[from] ?? 0) ^ (1 << (length % 8))
    if (how === 'zero') bytes.fill(0, from, Math.min(bytes.length, from + length))
    if (how === 'garbage') bytes.fill('KENG\u0007', from, Math.min(bytes.length, from + length))
    return bytes
  })
}

async function readAll(log: SegmentEventLog): Promise<Map<number, string>> {
  const read = new Map<number, string>()
  await log.read(TOPIC, (record) => void read.set(record.offset, Buffer.from(record.value ?? []).toString('latin1')))
  return read
}

async function openAndRead(disk: SimulatedDisk) {
  const log = await open(disk)
  return { log, read: await readAll(log) }
}

it(
  'names every damaged batch and serves everything else, whatever happens to the files',
  async () => {
    const seen = { missing: 0, served: 0, unreadable: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 700 }), { minLength: 5, maxLength: 40 }),
        damagings,
        async (sizes, list) => {
          const disk = createSimulatedDisk()
          const written = new Map<number, string>()
          const first = await open(disk)
          for (const [index, size] of sizes.entries()) {
            const text = `${index}:${forgedBatch().toString('latin1')}${'y'.repeat(size)}`
            const pair = [text, `${text}+`]
            const records = pair.map((one) => ({ key: '', time: index, value: Buffer.from(one, 'latin1') }))
            const offset = await appendDurably(first, TOPIC, records)
            for (const [place, one] of pair.entries()) written.set(offset + place, one)
          }
          await first.close()
          for (const one of list) damage(disk, one)

          const found = await openAndRead(disk).catch((error: unknown) => {
            // A log that cannot read its end, or nothing at all, must not guess.
            expect(error).toMatchObject({ code: 'KENG_LOG_UNAVAILABLE' })
            expect(list.some(({ how }) => how === 'unreadable')).toBe(true)
            seen.unreadable++
            return null
          })
          if (found === null) return
          const { log, read } = found
          const { end } = await log.extent(TOPIC, 0)
          for (const [offset, text] of read) expect(text).toBe(written.get(offset))
          const named = (offset: number) =>
            log.damage().some((one) => offset >= one.fromOffset && offset < one.toOffset)
          for (const offset of written.keys()) {
            if (read.has(offset)) expect(named(offset)).toBe(false)
            else expect(offset >= end || named(offset)).toBe(true)
          }
          if (read.size < written.size) expect(log.damage().length + (written.size - end)).toBeGreaterThan(0)

          const offset = await appendDurably(log, TOPIC, [{ key: '', time: 0, value: Buffer.from('new') }])
          expect(offset).toBe(end)
          expect((await readAll(log)).get(offset)).toBe('new')
          // Reading twice names nothing twice.
          const { damages } = log.status()
          await readAll(log)
          expect(log.status().damages).toBe(damages)
          await log.close()
          seen.missing += written.size - read.size
          seen.served += read.size
        },
      ),
      { numRuns: RUNS },
    )
    expect(seen.missing).toBeGreaterThan(100)
    expect(seen.served).toBeGreaterThan(seen.missing)
    expect(seen.unreadable).toBeLessThan(RUNS / 3)
  },
  LIMIT_MS,
)

it('never takes a batch out of a payload for its own, even where the batch around it is broken', async () => {
  const disk = createSimulatedDisk()
  const first = await open(disk)
  await appendDurably(first, TOPIC, [{ key: '', time: 0, value: Buffer.from('before') }])
  await appendDurably(first, TOPIC, [{ key: '', time: 0, value: forgedBatch() }])
  await appendDurably(first, TOPIC, [{ key: '', time: 0, value: Buffer.from('after') }])
  await first.close()
  const [file = ''] = disk.files().filter((name) => name.endsWith('.segment'))
  const second = disk.content(file).indexOf('before') + 'before'.length
  disk.corrupt(file, (bytes) => {
    bytes[second + 20] = 255
    return bytes
  })
  const log = await open(disk)
  const read = await readAll(log)
  expect([...read]).toEqual([
    [0, 'before'],
    [2, 'after'],
  ])
  expect(log.damage()).toMatchObject([{ kind: 'batch', fromByte: second, fromOffset: 1, toOffset: 2 }])
  await log.close()
})

it('refuses a log that a newer version wrote, and says so', async () => {
  const disk = createSimulatedDisk()
  const first = await open(disk)
  await appendDurably(first, TOPIC, [{ key: '', time: 0, value: Buffer.from('from the future') }])
  await first.close()
  const [file = ''] = disk.files().filter((name) => name.endsWith('.segment'))
  const { crc32 } = await import('node:zlib')
  disk.corrupt(file, (bytes) => {
    bytes[12] = 2
    const length = bytes.readUInt32LE(16)
    bytes.writeUInt32LE(crc32(bytes.subarray(12, length), crc32(bytes.subarray(0, 8))), 8)
    return bytes
  })
  await expect(open(disk)).rejects.toMatchObject({ code: 'KENG_LOG_VERSION' })
})

it('names offsets that a consumer holds and the log does not, and goes on behind them', async () => {
  const disk = createSimulatedDisk()
  const log = await open(disk)
  await appendDurably(log, TOPIC, [{ key: '', time: 0, value: Buffer.from('a') }])
  const seen: number[] = []
  const subscription = await log.subscribe(
    TOPIC,
    { group: 'store', from: () => 10 },
    async ({ records }) => void seen.push(...records.map((one) => one.offset)),
    () => {},
  )
  expect(await appendDurably(log, TOPIC, [{ key: '', time: 0, value: Buffer.from('b') }])).toBe(10)
  await expect.poll(() => seen, { timeout: 500 }).toEqual([10])
  expect(log.damage()).toMatchObject([{ kind: 'gap', fromOffset: 1, toOffset: 10 }])
  await subscription.close()
  await log.close()
  const again = await open(disk)
  expect(await again.extent(TOPIC, 0)).toEqual({ first: 0, end: 11 })
  expect([...(await readAll(again)).keys()]).toEqual([0, 10])
})
