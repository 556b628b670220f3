/** DuckDB's appender writes what it still holds when it is garbage-collected; a refused batch must stay refused. */

import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'

import { createDuckdbReadingStore } from '../../../libs/adapters/duckdb/duckdb-reading-store.ts'
import type { Reading } from '../../../libs/core/reading.ts'
import { tempDir } from '../../support/temp-dir.ts'

it('rows of a refused batch do not come back when the garbage collector runs', async (t) => {
  const store = await createDuckdbReadingStore({ file: join(tempDir(t), 'readings.duckdb'), memoryLimit: '96MB' })
  t.onTestFinished(() => store.close())
  await store.recover()
  const reading = (ts: number): Reading => ({
    device: 'ws-01',
    channel: 'water.ph',
    series: 0,
    ts,
    value: 7.2,
    receivedAt: ts,
    flags: 0,
  })
  const write = (offset: number, readings: readonly Reading[]) =>
    store.write({ offset, readings, rejections: [], ledger: [], memory: new Map() })
  await write(1, [reading(0)])

  const broken = Object.defineProperty(reading(1), 'value', {
    get: () => {
      throw new Error('this value cannot be read')
    },
  })
  // More than one chunk, so that the appender holds rows when the last one fails.
  const refused = [...Array.from({ length: 5_000 }, (_, at) => reading(10 + at)), broken]
  await expect(write(2, refused)).rejects.toThrow('cannot be read')
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  // Native objects go one turn of the event loop after their JavaScript ones.
  for (let turn = 0; turn < 10; turn++) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }

  const all = { device: 'ws-01', channel: 'water.ph', from: 0, to: 1e9, flagged: 'include', limit: 100_000 } as const
  expect(await store.query(all)).toHaveLength(1)
})
