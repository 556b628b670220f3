import { expect, test } from 'vitest'

import { SETTINGS } from '../../libs/runtime/config.ts'
import { allowedText, variableOf } from '../../libs/runtime/read-settings.ts'
import { pathOf, withTable } from '../support/doc-table.ts'
import { filesUnder, readSource, sourceFiles } from '../support/source-files.ts'

const DOC = 'docs/config.md'

// Read by the tests' own tooling, not by the program.
const NOT_SETTINGS = new Set(['KENG_REQUIRE', 'VITEST_REPORTS'])

test('docs/config.md holds the table of settings, row by row', async () => {
  const rows = Object.entries(SETTINGS).map(([key, schema]) => [
    `\`${variableOf(key)}\`${schema.secret ? ' (or `_FILE`)' : ''}`,
    schema.default === undefined ? '–' : `\`${schema.default}\``,
    allowedText(schema),
    schema.description ?? '',
  ])
  const page = withTable(readSource(DOC), 'settings', ['Variable', 'Default', 'Allowed', 'What it does'], rows)
  await expect(page).toMatchFileSnapshot(pathOf(DOC))
})

test('every setting has a description and either a default or leave to be absent', () => {
  expect(Object.keys(SETTINGS).length).toBeGreaterThan(15)
  expect(Object.entries(SETTINGS).filter(([, { description }]) => !description)).toEqual([])
})

test('every variable that docs and messages name is a setting or an error code', () => {
  const known = new Set(Object.keys(SETTINGS).map(variableOf))
  const pages = [...filesUnder('docs', '.md'), ...filesUnder('services', 'README.md'), 'README.md', 'CONTRIBUTING.md']
  const isCode = new RegExp(`^(${errorCodes().join('|')})$`)
  const unknown = pages.flatMap((page) =>
    [...readSource(page).matchAll(/\bKENG_[A-Z0-9]+(?:_[A-Z0-9]+)*\b/g)]
      .map(([name]) => name)
      .filter((name) => !known.has(name) && !NOT_SETTINGS.has(name) && !isCode.test(name))
      .map((name) => `${page}: ${name}`),
  )
  expect([...new Set(unknown)]).toEqual([])
})

function errorCodes(): string[] {
  const tables = sourceFiles().filter((file) => /^libs\/core\/(errors|decode\/codes)\.ts$/.test(file))
  return tables.flatMap((file) =>
    [...readSource(file).matchAll(/^ {2}(KENG_[A-Z0-9_]+):/gm)].map(([, code = '']) => code),
  )
}
