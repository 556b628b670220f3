import { expect, test } from 'vitest'

import { createIngestCounters } from '../../services/ingest/ingest-counters.ts'
import { readSource } from '../support/source-files.ts'

const DOC = readSource('docs/operations.md')

const between = (mark: string): string => DOC.split(`<!-- ${mark} -->`)[1]?.split(`<!-- /${mark} -->`)[0] ?? ''

test('docs/operations.md explains each reason of keng_ingest_refused_total, and no other', () => {
  const explained = [...between('refused').matchAll(/^\| `([a-z0-9-]+)`/gm)].map(([, reason]) => reason)
  expect(explained.sort()).toEqual(Object.keys(createIngestCounters().refused).sort())
})

test('docs/operations.md advises to watch only metrics that there are', () => {
  const known = new Set([...between('metrics').matchAll(/`(keng_\w+)`/g)].map(([, name]) => name))
  const named = [...DOC.replace(between('metrics'), '').matchAll(/\b(keng_(?!\*)[a-z]\w+)/g)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => !known.has(name))).toEqual([])
})
