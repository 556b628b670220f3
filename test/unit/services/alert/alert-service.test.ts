import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createMemoryEventLog } from '../../../../libs/adapters/memory/memory-event-log.ts'
import type { AlertTransition } from '../../../../libs/core/alarm/alert.ts'
import type { AlertRule } from '../../../../libs/core/alarm/rule.ts'
import { KengError } from '../../../../libs/core/errors.ts'
import type { EventLog, LogRecord } from '../../../../libs/ports/event-log.ts'
import { type AlertServiceOptions, createAlertService } from '../../../../services/alert/alert-service.ts'
import { HISTORY_RULES, history, STARTING_DEVICES, threshold } from '../../../support/alarm-history.ts'
import { readScenario } from '../../../support/alarm-scenario.ts'
import { createHeldLog, type HeldLog } from '../../../support/held-log.ts'
import { runEngine } from '../../../support/run-engine.ts'

// Many runs on a machine that has other things to do.
const PROPERTY_MS = 20_000

const rules: readonly AlertRule[] = [threshold('above', { above: 8 })]
const options: AlertServiceOptions = { rules, devices: [] }
const crossing = readScenario(`
  00:00:00 device s interval=60 cell=xa-7
  00:00:01 s water.ph=9
  00:00:02 s water.ph=7
  00:00:03 s water.ph=9`)

async function recordsOf(log: EventLog, topic: 'keng.alerts.v1' | 'keng.rule-state.v1'): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  await log.read(topic, (record) => void records.push(record))
  return records
}

async function transitionsIn(log: EventLog): Promise<AlertTransition[]> {
  const records = await recordsOf(log, 'keng.alerts.v1')
  return records.map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()) as AlertTransition)
}

async function startService(log: EventLog, more: Partial<AlertServiceOptions> = {}) {
  const service = createAlertService({ log }, { ...options, ...more })
  await service.start()
  return service
}

/** Lets appends through until the work that waits for them is done. */
async function letThrough(log: HeldLog, work: Promise<void>): Promise<void> {
  let done = false
  const finished = work.finally(() => {
    done = true
  })
  while (!done) {
    log.release()
    await settle()
  }
  await finished
}

/** Waits for appends as long as the code under test makes some. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('transitions go out under the key of their cell, with the time of the record that decided them', async () => {
  const log = createMemoryEventLog()
  const service = await startService(log)
  service.apply(crossing)
  await service.flush(4)
  const records = await recordsOf(log, 'keng.alerts.v1')
  expect(records.map(({ key, time }) => [key, time])).toEqual(crossing.slice(1).map(({ time }) => ['xa-7', time]))
  expect((await transitionsIn(log)).map(({ type }) => type)).toEqual(['opened', 'returned', 'opened'])
  expect(service.transitions).toBe(3)
})

test('apply sends transitions before any flush', async () => {
  const log = createMemoryEventLog()
  const service = await startService(log)
  service.apply(crossing)
  await expect.poll(() => transitionsIn(log)).toHaveLength(3)
})

test('the memory is never durable before the transitions that it knows of', async () => {
  const log = createHeldLog(createMemoryEventLog())
  const service = await startService(log)
  service.apply(crossing)
  const flushed = service.flush(4)
  await settle()
  expect(log.held()).toEqual(['keng.alerts.v1'])
  log.release()
  await expect.poll(() => log.held()).toEqual(['keng.rule-state.v1'])
  log.release()
  await flushed
  expect(service.waiting).toBe(0)
})

test('a flush is one append, and a service that begins behind it passes over what it knows', async () => {
  const log = createMemoryEventLog()
  const first = await startService(log)
  first.apply(crossing)
  await first.flush(4)
  const second = await startService(log)
  second.apply(crossing)
  second.apply(readScenario(`${'00:00:00 gap\n'.repeat(4)}00:00:04 s water.ph=6`))
  await second.flush(5)
  expect((await transitionsIn(log)).map(({ type }) => type)).toEqual(['opened', 'returned', 'opened', 'returned'])
})

test('a flush behind what was applied keeps the memory’s own position, or its records would count twice', async () => {
  const log = createMemoryEventLog()
  const first = await startService(log)
  first.apply(crossing)
  await first.flush(1)
  const second = await startService(log)
  second.apply(crossing.slice(1))
  await second.flush(4)
  expect(await transitionsIn(log)).toHaveLength(3)
})

test('a full disk loses no transition: the flush says so, the next one writes all in order', async () => {
  const log = createHeldLog(createMemoryEventLog())
  const service = await startService(log)
  service.apply(crossing.slice(0, 2))
  const refused = expect(service.flush(2)).rejects.toMatchObject({ code: 'KENG_LOG_FULL' })
  log.fail(new KengError('KENG_LOG_FULL', 'no room'))
  await refused
  service.apply(crossing.slice(2))
  await letThrough(log, service.flush(4))
  expect(service.waiting).toBe(0)
  expect((await transitionsIn(log)).map(({ type }) => type)).toEqual(['opened', 'returned', 'opened'])
})

test('what former rules opened after the last flush of a process that crashed is ended, not left for ever', async () => {
  const log = createMemoryEventLog()
  const first = await startService(log)
  first.apply(crossing.slice(0, 1))
  await first.flush(1)
  first.apply(crossing.slice(1, 2))
  await expect.poll(() => transitionsIn(log)).toHaveLength(1)
  const second = await startService(log, { rules: [threshold('above', { above: 12 })] })
  second.apply(crossing)
  await second.flush(4)
  const [opened, returned, ...more] = await transitionsIn(log)
  expect(more).toEqual([])
  expect(returned).toMatchObject({ type: 'returned', alert: opened?.alert, endedBy: 'rule-changed' })
})

test('a position that cannot be read stops the start and says so', async () => {
  const log = createMemoryEventLog()
  const value = Buffer.from('{"offset":"soon"}')
  await new Promise((resolve) => log.append('keng.rule-state.v1', [{ key: '!position', time: 1, value }], resolve))
  await expect(startService(log)).rejects.toMatchObject({ code: 'KENG_ALERT_MEMORY' })
})

test(
  'whatever the batches, flushes and crashes, the log ends up with exactly what one straight run decides',
  async () => {
    const events = fc.array(fc.constantFrom('apply', 'apply', 'flush', 'release', 'crash'), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        history,
        events,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (records, steps, sizes) => {
          const inner = createMemoryEventLog()
          const more = { rules: HISTORY_RULES, devices: [...STARTING_DEVICES] }
          let log = createHeldLog(inner)
          let service = await startService(log, more)
          let at = 0
          // What the store has committed: a decoder begins here again, at or behind the engine's own position.
          let committed = 0
          for (const [i, step] of steps.entries()) {
            if (step === 'apply') {
              const size = sizes[i % sizes.length] ?? 1
              service.apply(records.slice(at, at + size))
              at = Math.min(records.length, at + size)
            } else if (step === 'flush') {
              const upTo = Math.max(committed, at - (i % 9)) // the store may commit less than was applied
              void service.flush(upTo).then(() => {
                committed = Math.max(committed, upTo)
              })
            } else if (step === 'release') {
              log.release()
              await settle()
            } else {
              log.crash()
              log = createHeldLog(inner)
              service = await startService(log, more)
              at = committed
            }
          }
          service.apply(records.slice(at))
          await letThrough(log, service.flush(records.length))
          const { decisions, memory } = runEngine(records, { rules: HISTORY_RULES, devices: STARTING_DEVICES })
          expect(await transitionsIn(inner)).toEqual(decisions.map((decision) => JSON.parse(JSON.stringify(decision))))
          const kept = new Map((await recordsOf(inner, 'keng.rule-state.v1')).map(({ key, value }) => [key, value]))
          const left = [...kept].filter(([key, value]) => value !== null && key !== '!position')
          expect(new Map(left.map(([key, value]) => [key, Buffer.from(value ?? []).toString()]))).toEqual(memory)
        },
      ),
      { numRuns: 60 },
    )
  },
  PROPERTY_MS,
)
