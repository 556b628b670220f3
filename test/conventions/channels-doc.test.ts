import { expect, test } from 'vitest'

import { CATALOGUE } from '../../libs/core/catalogue/channels.ts'
import { pathOf, withTable } from '../support/doc-table.ts'
import { readSource } from '../support/source-files.ts'

const DOC = 'docs/channels.md'

test('docs/channels.md holds the catalogue, row by row', async () => {
  const rows = [...CATALOGUE].map(([name, { unit, shown, vi, en, range, basis, step }]) => [
    `\`${name}\``,
    `\`${unit}\``,
    shown,
    vi,
    en,
    range.join(' … '),
    basis,
    String(step),
  ])
  const heading = ['Channel', 'Unit', 'Shown', 'Tiếng Việt', 'English', 'Range', 'Basis', 'Step']
  await expect(withTable(readSource(DOC), 'channels', heading, rows)).toMatchFileSnapshot(pathOf(DOC))
})
