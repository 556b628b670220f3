import { describe, expect, test } from 'vitest'

import { parseRules } from '../../libs/core/alarm/check-rules.ts'
import { NoDataRule, PLACEHOLDERS, RuleSelect, RuleSource, ThresholdRule } from '../../libs/core/alarm/rule.ts'
import { filesUnder, readSource } from '../support/source-files.ts'

const DOC = readSource('docs/rules.md')

/** First cells in backquotes of the table between the marks. */
function fieldsIn(table: string): string[] {
  const text = DOC.split(`<!-- ${table} -->`)[1]?.split(`<!-- /${table} -->`)[0] ?? ''
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, field]) => field ?? '')
}

describe('docs/rules.md explains each field, and no other', () => {
  test.each([
    ['threshold', ThresholdRule],
    ['no-data', NoDataRule],
    ['select', RuleSelect],
    ['source', RuleSource],
  ])('of %s', (table, schema) => {
    expect(fieldsIn(table).sort()).toEqual(Object.keys(schema.properties).sort())
  })

  test('of placeholders', () => {
    const all = [...new Set(Object.values(PLACEHOLDERS).flat())].map((name) => `{${name}}`)
    expect(fieldsIn('placeholders').sort()).toEqual(all.sort())
  })
})

test('the example of docs/rules.md is a rules file', () => {
  const example = /```json\n([\s\S]*?)```/.exec(DOC)?.[1] ?? ''
  expect(parseRules(example, 'docs/rules.md').length).toBeGreaterThan(0)
})

describe.each(filesUnder('services/alert/rules', '.json'))('%s', (path) => {
  const rules = parseRules(readSource(path), path)

  test('holds rules, and says of each limit that is not confirmed why', () => {
    expect(rules.length).toBeGreaterThan(0)
    const silent = rules.filter(({ source }) => source !== undefined && !source.confirmed && source.note === undefined)
    expect(silent.map(({ id }) => id)).toEqual([])
  })

  test('names no regulation in a message: what a limit rests on stands in its source', () => {
    const named = rules.filter(({ message }) => /QCVN|QĐ|TCVN|Quyết định|Decision/.test(message.vi + message.en))
    expect(named.map(({ id }) => id)).toEqual([])
  })
})
