import { expect, test } from 'vitest'

import { readSource } from '../support/source-files.ts'
import { spawnKeng } from '../support/spawn-keng.ts'

/** Names and kinds in the table of docs/operations.md, that is held to the sources by test/conventions/metrics-doc.test.ts. */
function explained(): string[] {
  const table = readSource('docs/operations.md').split('<!-- metrics -->')[1]?.split('<!-- /metrics -->')[0] ?? ''
  return [...table.matchAll(/^\| `(keng_\w+)` \| (\w+) \|/gm)].map(([, name, kind]) => `${name} ${kind}`)
}

test('a running server shows every metric that docs/operations.md explains, and no other of its own', async (t) => {
  const { ready } = await spawnKeng(t)
  const response = await fetch(`${ready.http}/metrics`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const shown = [...(await response.text()).matchAll(/^# TYPE (keng_\w+ \w+)$/gm)].map(([, metric]) => metric)
  expect(explained().length).toBeGreaterThan(20)
  expect(shown.sort()).toEqual(explained().sort())
})
