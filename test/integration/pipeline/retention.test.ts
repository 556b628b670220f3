import { expect, onTestFinished, test } from 'vitest'
import { createDuckdbReadingStore } from '../../../libs/adapters/duckdb/duckdb-reading-store.ts'
import type { Reading } from '../../../libs/core/reading.ts'
import { tempDir } from '../../support/temp-dir.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 22, 3)

const reading = (ts: number): Reading => ({
  device: 'ws-1',
  channel: 'water.ph',
  series: 0,
  ts,
  value: 7,
  receivedAt: ts,
  flags: 0,
})

test('readings older than they are kept are removed once a day, the others stay', async () => {
  const file = `${tempDir({ onTestFinished })}/series.duckdb`
  const store = await createDuckdbReadingStore({ file, memoryLimit: '64MB', retentionDays: 10 })
  onTestFinished(() => store.close())
  await store.recover()
  const write = (offset: number, now: number, readings: Reading[]) => {
    const ledger = [{ device: 'ws-1', minute: now, stored: readings.length, partial: 0, duplicate: 0, rejected: 0 }]
    return store.write({ offset, readings, rejections: [], ledger, memory: new Map() })
  }
  const times = async () => {
    const range = { from: 0, to: NOW + 100 * DAY, flagged: 'include', limit: 100 } as const
    return (await store.query({ device: 'ws-1', channel: 'water.ph', ...range })).map(([ts]) => ts)
  }
  await write(1, NOW, [reading(NOW - 9 * DAY), reading(NOW - 5 * DAY), reading(NOW)])
  expect(await times()).toHaveLength(3)
  await write(2, NOW + 3 * DAY, [reading(NOW + 3 * DAY)])
  expect(await times()).toEqual([NOW - 5 * DAY, NOW, NOW + 3 * DAY])
})
