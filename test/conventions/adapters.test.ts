/** Every adapter of a port that has a contract suite runs that suite. */

import { describe, expect, test } from 'vitest'

import { importsOf } from '../support/import-graph.ts'
import { filesUnder, readSource } from '../support/source-files.ts'

const contractTests = filesUnder('test/contract', '.test.ts').map((file) => ({
  file,
  imports: importsOf(file, readSource(file)).flatMap(({ path }) => path ?? []),
}))

describe.each([
  ['event-log', /-event-log\.ts$/, /^test\/contract\/event-log.*\.contract\.ts$/],
  ['reading-store', /-reading-store\.ts$/, /^test\/contract\/reading-store.*\.contract\.ts$/],
])('adapters of %s', (_port, named, suite) => {
  const adapters = filesUnder('libs/adapters', '.ts').filter((file) => named.test(file))

  test('there is one in memory and one for disks at least', () => {
    expect(adapters.length).toBeGreaterThanOrEqual(2)
  })

  test.each(adapters)('%s is held to the contract', (adapter) => {
    const held = contractTests.filter(
      ({ imports }) => imports.includes(adapter) && imports.some((path) => suite.test(path)),
    )
    expect(held.map(({ file }) => file)).not.toEqual([])
  })
})
