import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { ROOT, readSource } from '../support/source-files.ts'

const services = readdirSync(`${ROOT}services`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

test('the folders under services are the steps of the flow', () => {
  expect(services.sort()).toEqual(['alert', 'all-in-one', 'api', 'cli', 'dashboard', 'decode', 'ingest', 'store'])
})

describe.each(services)('services/%s/README.md', (service) => {
  test('says what goes in, what comes out, what is guaranteed, and names settings and metrics', () => {
    const headings = [...readSource(`services/${service}/README.md`).matchAll(/^## (.+)$/gm)].map(([, text]) => text)
    expect(headings).toEqual(['In', 'Out', 'Guarantee', 'Settings', 'Metrics'])
  })

  test('names metrics that there are', () => {
    const known = [...readSource('docs/operations.md').matchAll(/^\| `(keng_\w+)` \|/gm)].map(([, name = '']) => name)
    const named = [...readSource(`services/${service}/README.md`).matchAll(/`(keng_\w+)\*?`/g)].map(
      ([, name = '']) => name,
    )
    expect(known.length).toBeGreaterThan(20)
    expect(named.filter((name) => !known.some((metric) => metric.startsWith(name)))).toEqual([])
  })
})
