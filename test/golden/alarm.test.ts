/** A golden case is a folder that an operator can add: rules, what happened as test/support/alarm-scenario.ts explains, and what must follow. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

import { parseRules } from '../../libs/core/alarm/check-rules.ts'
import { readScenario, showDecisions } from '../support/alarm-scenario.ts'
import { runEngine } from '../support/run-engine.ts'

const ROOT = fileURLToPath(new URL('alarm/', import.meta.url))
const cases = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory())
const mayWrite = process.env.UPDATE_GOLDEN === '1' && process.env.CI !== 'true'

describe('alarms of golden folders', () => {
  test('there are cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(8)
  })

  test.each(cases.map(({ name }) => name))('%s gives what its expected.txt says, also with a restart at each record', (name) => {
    const folder = `${ROOT}${name}/`
    const rules = parseRules(readFileSync(`${folder}rules.json`, 'utf8'), `${name}/rules.json`)
    const records = readScenario(readFileSync(`${folder}input.txt`, 'utf8'))
    const made = showDecisions(runEngine(records, { rules }).decisions, records)
    if (mayWrite) writeFileSync(`${folder}expected.txt`, made)
    expect(existsSync(`${folder}expected.txt`), 'no expected.txt: write it, or run once with UPDATE_GOLDEN=1').toBe(true)
    expect(made).toBe(readFileSync(`${folder}expected.txt`, 'utf8'))
    const restarts = new Set(records.keys())
    expect(showDecisions(runEngine(records, { rules, restarts }).decisions, records)).toBe(made)
  })
})
