/** The same log gives the same readings and byte-identical alerts: again, at another pace, after crashes, with two engines. */

import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { createMemoryEventLog } from '../../../libs/adapters/memory/memory-event-log.ts'
import { createMemoryReadingStore } from '../../../libs/adapters/memory/memory-reading-store.ts'
import type { Alert, AlertTransition } from '../../../libs/core/alarm/alert.ts'
import { parseRules } from '../../../libs/core/alarm/check-rules.ts'
import { foldAlert } from '../../../libs/core/alarm/fold-alert.ts'
import { appendDurably } from '../../../libs/core/log/append-durably.ts'
import type { EventLog, NewRecord } from '../../../libs/ports/event-log.ts'
import type { Accounts, ReadingStore, StoreBatch } from '../../../libs/ports/reading-store.ts'
import { createSystemClock } from '../../../libs/runtime/system-clock.ts'
import { type PipelineRun, startPipelineRun } from '../../../services/all-in-one/pipeline-run.ts'
import { simulatedRaw } from '../../support/simulated-raw.ts'
import { waitUntil } from '../../support/wait-until.ts'

const rules = parseRules(
  readFileSync(new URL('../../../services/alert/rules/water.json', import.meta.url), 'utf8'),
  'water.json',
)
const { devices, records } = simulatedRaw(8)

interface Result {
  readonly alerts: string[]
  readonly readings: string
  readonly ledger: object
}

/** Many small commits, so that crashes find something half done. */
const commit = { lingerMs: 50, stillLingerMs: 50, commitReadings: 5_000, maxReadings: 10_000 }

const start = (log: EventLog, store: ReadingStore & Accounts): Promise<PipelineRun> =>
  startPipelineRun({
    commit,
    log,
    store,
    clock: createSystemClock(),
    devices,
    rules,
    onDecoded: () => {},
    onFailed: () => {},
  })

const decodedAll = (run: PipelineRun, log: EventLog) =>
  waitUntil('all is decoded', async () => {
    const { end } = await log.extent('keng.raw.v1', 0)
    return (await run.ledger({})).inFlight === 0 || end === 0
  })

async function append(log: EventLog, some: readonly NewRecord[], at: number): Promise<void> {
  for (let from = 0; from < some.length; from += at)
    await appendDurably(log, 'keng.raw.v1', some.slice(from, from + at))
}

async function resultOf(log: EventLog, store: ReadingStore & Accounts): Promise<Result> {
  const alerts: string[] = []
  await log.read('keng.alerts.v1', ({ value }) => void alerts.push(Buffer.from(value ?? []).toString()))
  const all: unknown[] = []
  const range = { from: 0, to: Number.MAX_SAFE_INTEGER, flagged: 'include', limit: 1_000_000 } as const
  for (const { id } of devices) {
    for (const channel of ['water.ph', 'water.salinity', 'water.level', 'water.turbidity', 'water.chlorine']) {
      all.push(id, channel, await store.query({ device: id, channel, ...range }))
    }
  }
  return { alerts, readings: JSON.stringify(all), ledger: await store.ledger({}) }
}

/** Everything is in the log before the pipeline starts: full speed. */
async function atFullSpeed(): Promise<Result> {
  const log = createMemoryEventLog()
  await append(log, records, 1_000)
  const store = createMemoryReadingStore()
  const run = await start(log, store)
  await decodedAll(run, log)
  await run.stop()
  return resultOf(log, store)
}

let first: Result
beforeAll(async () => {
  first = await atFullSpeed()
}, 60_000)

describe('the same log again', () => {
  test('there is something to compare', () => {
    const types = new Set(first.alerts.map((text) => (JSON.parse(text) as AlertTransition).type))
    expect([...types].sort()).toEqual(expect.arrayContaining(['opened', 'returned']))
    expect(first.readings.length).toBeGreaterThan(100_000)
    expect(first.ledger).toMatchObject({ rejected: devices.length })
  })

  test('from offset 0 into empty stores: byte-identical alerts, equal readings', async () => {
    expect(await atFullSpeed()).toEqual(first)
  })

  test('followed live, a few records at a time', async () => {
    const log = createMemoryEventLog()
    const store = createMemoryReadingStore()
    const run = await start(log, store)
    await append(log, records, 7)
    await decodedAll(run, log)
    await run.stop()
    expect(await resultOf(log, store)).toEqual(first)
  }, 30_000)

  test('with crashes in between that lose what was not committed', async () => {
    const log = createMemoryEventLog()
    await append(log, records, 1_000)
    let kept = createMemoryReadingStore()
    for (const crashAfter of [0, 1, 0]) {
      const crashing = crashingStore(kept, crashAfter)
      const run = await start(log, crashing.store)
      await crashing.crashed
      await run.stop()
      kept = crashing.kept()
    }
    const run = await start(log, kept)
    await decodedAll(run, log)
    await run.stop()
    expect(await resultOf(log, kept)).toEqual(first)
  }, 60_000)

  test('with two pipelines on one log: nobody sees an alert twice, and it is the same alert', async () => {
    const log = createMemoryEventLog()
    await append(log, records, 1_000)
    const runs = await Promise.all([start(log, createMemoryReadingStore()), start(log, createMemoryReadingStore())])
    for (const run of runs) await decodedAll(run, log)
    for (const run of runs) await run.stop()
    const { alerts } = await resultOf(log, createMemoryReadingStore())
    expect(fold(alerts)).toEqual(fold(first.alerts))
  }, 30_000)
})

function fold(transitions: readonly string[]): Map<string, Alert> {
  const alerts = new Map<string, Alert>()
  for (const text of transitions) {
    const transition = JSON.parse(text) as AlertTransition
    const alert = foldAlert(alerts.get(transition.alert), transition, null)
    if (alert !== undefined) alerts.set(transition.alert, alert)
  }
  return new Map([...alerts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Lets some writes through, then refuses for good, as a process that dies between the log and the store. */
function crashingStore(inner: ReadingStore & Accounts, writes: number) {
  let left = writes
  let crash: () => void = () => {}
  const crashed = new Promise<void>((resolve) => {
    crash = resolve
  })
  const store: ReadingStore & Accounts = {
    ...inner,
    async write(batch: StoreBatch) {
      if (left-- > 0) return inner.write(batch)
      crash()
      throw new Error('killed')
    },
  }
  return { store, crashed, kept: () => inner }
}
