import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Decision } from '../../../../libs/core/alarm/alert.ts'
import { OUTAGE_MS } from '../../../../libs/core/alarm/engine-clock.ts'
import { FLAG, QUIET_FLAGS } from '../../../../libs/core/reading.ts'
import {
  DEADBAND,
  type Happening,
  HISTORY_RULES,
  history,
  LIMIT,
  STARTING_DEVICES,
  threshold,
  toRecords,
} from '../../../support/alarm-history.ts'
import { runEngine } from '../../../support/run-engine.ts'

// Many runs on a machine that has other things to do.
const PROPERTY_MS = 20_000

const run = { rules: HISTORY_RULES, devices: STARTING_DEVICES }

test(
  'for any values, each crossing of limit and deadband gives exactly one raise and one clear',
  () => {
    fc.assert(
      fc.property(fc.array(fc.record({ value: fc.integer({ min: 0, max: 14 }), quiet: fc.boolean() })), (steps) => {
        const records = toRecords(
          steps.map(({ value, quiet }) => ({
            kind: 'message',
            after: 1000,
            device: 'b',
            values: [value],
            delay: 0,
            flags: quiet ? FLAG.fault : 0,
          })),
        )
        let active = false
        const expected: string[] = []
        for (const { readings } of records) {
          for (const { value, ts, flags } of readings) {
            if ((flags & QUIET_FLAGS) !== 0) continue
            if (!active && value > LIMIT) expected.push(`opened ${ts}`)
            if (active && value <= LIMIT - DEADBAND) expected.push(`returned ${ts}`)
            active = active ? value > LIMIT - DEADBAND : value > LIMIT
          }
        }
        const { decisions } = runEngine(records, { rules: [threshold('above', { above: LIMIT })] })
        expect(decisions.map(({ type, at }) => `${type} ${at}`)).toEqual(expected)
      }),
    )
  },
  PROPERTY_MS,
)

test(
  'a restart at any places changes no decision and no memory',
  () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(60)), (records, cuts) => {
        const straight = runEngine(records, run)
        const restarted = runEngine(records, { ...run, restarts: new Set(cuts) })
        expect(JSON.stringify(restarted.decisions)).toBe(JSON.stringify(straight.decisions))
        expect(Object.fromEntries(restarted.memory)).toEqual(Object.fromEntries(straight.memory))
      }),
      { numRuns: 300 },
    )
  },
  PROPERTY_MS,
)

test(
  'two engines over the same records decide the same',
  () => {
    fc.assert(
      fc.property(history, (records) => {
        const again = records.map((record) => structuredClone(record))
        expect(runEngine(again, run)).toEqual(runEngine(records, run))
      }),
    )
  },
  PROPERTY_MS,
)

test(
  'alerts of one rule and subject never overlap, no id is given twice, and nothing returns before it opened',
  () => {
    fc.assert(
      fc.property(history, (records) => {
        const { decisions } = runEngine(records, run)
        const active = new Map<string, Decision>()
        const busy = new Set<string>()
        const ids = new Set<string>()
        const subjects = new Map<string, string>()
        for (const decision of decisions) {
          const { alert } = decision
          if (decision.type === 'opened') {
            const subject = `${decision.rule}/${decision.subject}`
            expect(busy.has(subject)).toBe(false)
            expect(ids.has(alert)).toBe(false)
            busy.add(subject)
            ids.add(alert)
            subjects.set(alert, subject)
            active.set(alert, decision)
          } else {
            expect(active.has(alert)).toBe(true)
            expect(decision.at).toBeGreaterThanOrEqual(active.get(alert)?.at ?? 0)
            if (decision.type === 'returned') {
              active.delete(alert)
              busy.delete(subjects.get(alert) ?? '')
            }
          }
        }
      }),
    )
  },
  PROPERTY_MS,
)

test(
  'a decision’s place in the log is unique and goes up',
  () => {
    fc.assert(
      fc.property(history, (records) => {
        const places = runEngine(records, run).decisions.map(
          ({ decidedAt }) => decidedAt.offset * 1000 + decidedAt.index,
        )
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b))
      }),
    )
  },
  PROPERTY_MS,
)

test(
  'however long the pipeline was down, devices that speak again in time were never silent',
  () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: OUTAGE_MS + 1, max: 100_000_000 }), { minLength: 1 }), (outages) => {
        const records = toRecords(
          outages.flatMap((after): Happening[] => [
            { kind: 'message', after: 3_000, device: 'a', values: [7], delay: 0, flags: 0 },
            { kind: 'outage', after },
          ]),
        )
        expect(runEngine(records, run).decisions).toEqual([])
      }),
    )
  },
  PROPERTY_MS,
)
