import { expect, test } from 'vitest'

import { pathOf, withTable } from '../support/doc-table.ts'
import { readSource, sourceFiles } from '../support/source-files.ts'

const DOC = 'docs/operations.md'

// A metric is made by a call with its name and help as literals, so that the table can be read from the sources.
const MADE =
  /\.(counter|counterBy|gauge|gaugeBy|histogram)\(\s*'(keng_[a-z0-9_]+)',\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)")(?:,\s*'([a-z_]+)')?/g

const made = sourceFiles().flatMap((file) =>
  [...readSource(file).matchAll(MADE)].map(([, kind = '', name = '', single, double, label]) => ({
    name,
    kind: kind.replace('By', ''),
    help: single?.replaceAll("\\'", "'") ?? double ?? '',
    label: kind.endsWith('By') ? (label ?? '') : '',
  })),
)

test('docs/operations.md holds the table of metrics, row by row', async () => {
  const rows = made
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, kind, label, help }) => [`\`${name}\``, kind, label, help])
  const page = withTable(readSource(DOC), 'metrics', ['Metric', 'Kind', 'Label', 'What it counts'], rows)
  await expect(page).toMatchFileSnapshot(pathOf(DOC))
})

test('every metric name in the sources is one that the table found', () => {
  const known = new Set(made.map(({ name }) => name))
  expect(known.size).toBeGreaterThan(10)
  const named = sourceFiles().flatMap((file) =>
    [...readSource(file).matchAll(/'(keng_[a-z0-9_]+)'/g)].map(([, name = '']) => name),
  )
  expect(named.filter((name) => !known.has(name))).toEqual([])
})

test('every metric is named keng_<service>_<what>_<unit>[_total]', () => {
  const services = 'ingest|decode|store|alert|api|dashboard|log|pipeline|registry|process'
  expect(made.filter(({ name }) => !new RegExp(`^keng_(${services})(_[a-z][a-z0-9]*)+$`).test(name))).toEqual([])
})
