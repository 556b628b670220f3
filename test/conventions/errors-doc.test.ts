import { expect, test } from 'vitest'

import { DECODE_ERRORS } from '../../libs/core/decode/codes.ts'
import { ERRORS } from '../../libs/core/errors.ts'
import { pathOf, withTable } from '../support/doc-table.ts'
import { readSource, sourceFiles } from '../support/source-files.ts'

const DOC = 'docs/errors.md'
const HEADING = ['Code', 'What happened', 'What to do']

test('docs/errors.md holds both tables of errors, row by row', async () => {
  const errors = Object.entries(ERRORS).map(([code, { what, fix, retry, http }]) => [
    `\`${code}\``,
    what,
    fix,
    retry ? 'yes' : 'no',
    String(http),
  ])
  const rejections = Object.entries(DECODE_ERRORS).map(([code, { what, fix }]) => [`\`${code}\``, what, fix])
  const withErrors = withTable(readSource(DOC), 'errors', [...HEADING, 'Goes away by itself', 'HTTP'], errors)
  await expect(withTable(withErrors, 'rejections', HEADING, rejections)).toMatchFileSnapshot(pathOf(DOC))
})

test('every code that the sources name is in a table, and every code of the tables is named by the sources', () => {
  const listed = new Set<string>([...Object.keys(ERRORS), ...Object.keys(DECODE_ERRORS)])
  const tables = new Set(['libs/core/errors.ts', 'libs/core/decode/codes.ts'])
  const named = new Set<string>()
  for (const file of sourceFiles()) {
    // The page runs in the browser and names its own troubles for itself.
    if (tables.has(file) || file.startsWith('services/dashboard/')) continue
    for (const [, code = ''] of readSource(file).matchAll(/'(KENG_[A-Z]+_[A-Z0-9_]+)'/g)) named.add(code)
  }
  expect([...named].filter((code) => !listed.has(code))).toEqual([])
  expect([...listed].filter((code) => !named.has(code))).toEqual([])
})

test('every row says what happened and what to do in one short sentence without a full stop', () => {
  const rows = Object.entries({ ...ERRORS, ...DECODE_ERRORS })
  expect(rows.length).toBeGreaterThan(40)
  for (const [code, { what, fix }] of rows) {
    expect(code).toMatch(/^KENG_[A-Z]+(_[A-Z0-9]+)+$/)
    for (const text of [what, fix]) expect(text).toMatch(/^\S.{3,170}[^.]$/)
  }
})
