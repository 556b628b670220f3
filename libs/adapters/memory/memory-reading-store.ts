/** A reading store in memory, for tests and trials: the order and atomicity of a real one, gone with the process. */

import { KengError } from '../../core/errors.ts'
import type { LedgerDelta } from '../../core/ledger.ts'
import { flagNames, type Reading } from '../../core/reading.ts'
import type { Rejection } from '../../core/rejection.ts'
import type {
  Accounts,
  LedgerQuery,
  PointKey,
  ReadingStore,
  ReadingsQuery,
  RejectionsQuery,
  StoreBatch,
} from '../../ports/reading-store.ts'
import { bucketPoints } from './bucket-points.ts'

const MINUTE_MS = 60_000

type Series = Map<number, Reading>

export function createMemoryReadingStore(): ReadingStore & Accounts {
  const bySeries = new Map<number, Series>()
  const byName = new Map<string, Series>()
  const claimed = new Map<string, number>()
  const memory = new Map<string, string>()
  const ledger: LedgerDelta[] = []
  const refused: Rejection[] = []
  let offset = 0
  let closed = false

  const open = () => {
    if (closed) throw new KengError('KENG_STORE_UNAVAILABLE', 'the store in memory is closed')
  }

  const seriesOf = (reading: Reading): Series => {
    const known = bySeries.get(reading.series)
    if (known !== undefined) return known
    const made: Series = new Map()
    bySeries.set(reading.series, made)
    byName.set(nameOf(reading), made)
    return made
  }

  const apply = (batch: StoreBatch) => {
    for (const reading of batch.readings) {
      seriesOf(reading).set(reading.ts, reading)
      if (reading.claimedTs !== undefined) claimed.set(`${reading.series}/${reading.claimedTs}`, reading.value)
    }
    for (const [key, value] of batch.memory) memory.set(key, value)
    ledger.push(...batch.ledger)
    refused.push(...batch.rejections)
    offset = batch.offset
  }

  return {
    async recover() {
      open()
      return { offset, memory: new Map(memory) }
    },
    async write(batch) {
      open()
      // Copied whole first: what cannot be read leaves nothing behind.
      const whole = copyOf(batch)
      await batch.before
      apply(whole)
    },
    async find(points) {
      open()
      return points.map(({ series, ts, claimed: isClaimed }: PointKey) =>
        isClaimed ? claimed.get(`${series}/${ts}`) : bySeries.get(series)?.get(ts)?.value,
      )
    },
    async query(query: ReadingsQuery) {
      open()
      const inRange = [...(byName.get(nameOf(query))?.values() ?? [])]
        .filter(({ ts }) => ts >= query.from && ts < query.to)
        .sort((a, b) => a.ts - b.ts)
      if (query.every !== undefined) return bucketPoints(inRange, query.every, query.flagged).slice(0, query.limit)
      return inRange.slice(0, query.limit).map(({ ts, value, flags }) => [ts, value, flagNames(flags)])
    },
    async ledger(query: LedgerQuery) {
      open()
      const { from = -Infinity, to = Infinity } = query
      const sum = { stored: 0, partial: 0, duplicate: 0, rejected: 0 }
      for (const delta of ledger) {
        if (query.device !== undefined && delta.device !== query.device) continue
        if (delta.minute < wholeMinute(from) || delta.minute >= wholeMinute(to)) continue
        sum.stored += delta.stored
        sum.partial += delta.partial
        sum.duplicate += delta.duplicate
        sum.rejected += delta.rejected
      }
      return sum
    },
    async rejections(query: RejectionsQuery) {
      open()
      const { device, code, from = -Infinity, to = Infinity, after } = query
      return refused
        .filter((one) => device === undefined || one.device === device)
        .filter((one) => code === undefined || one.code === code)
        .filter(({ receivedAt }) => receivedAt >= from && receivedAt < to)
        .filter(({ id }) => after === undefined || compareIds(id, after) < 0)
        .sort((a, b) => compareIds(b.id, a.id))
        .slice(0, query.limit)
    },
    async close() {
      closed = true
    },
  }
}

const nameOf = ({ device, channel }: { readonly device: string; readonly channel: string }): string =>
  JSON.stringify([device, channel])

const wholeMinute = (time: number): number => Math.floor(time / MINUTE_MS) * MINUTE_MS

const copyOf = (batch: StoreBatch): StoreBatch => ({
  offset: batch.offset,
  readings: batch.readings.map((reading) => ({ ...reading })),
  rejections: batch.rejections.map((rejection) => ({ ...rejection, payload: rejection.payload.slice() })),
  ledger: batch.ledger.map((delta) => ({ ...delta })),
  memory: new Map(batch.memory),
})

/** By offset, then by item: `0-9-0` comes before `0-10-0`. */
function compareIds(a: string, b: string): number {
  const [, offsetA = 0, itemA = 0] = a.split('-').map(Number)
  const [, offsetB = 0, itemB = 0] = b.split('-').map(Number)
  return offsetA - offsetB || itemA - itemB
}
