import { expect, test } from 'vitest'

import { LOG_TOPICS } from '../../libs/core/log/log-topics.ts'
import { pathOf, withTable } from '../support/doc-table.ts'
import { readSource } from '../support/source-files.ts'

const DOC = 'docs/architecture.md'

test('docs/architecture.md holds the table of log topics, row by row', async () => {
  const rows = Object.entries(LOG_TOPICS).map(([topic, spec]) => [
    `\`${topic}\``,
    spec.partitionedBy,
    spec.cleanup === 'compact' ? 'newest of each key' : `${spec.retentionDays} days`,
    spec.embedded ? 'yes' : 'no',
  ])
  const page = withTable(readSource(DOC), 'topics', ['Topic', 'Order within', 'Keeps', 'On one machine'], rows)
  await expect(page).toMatchFileSnapshot(pathOf(DOC))
})

test('topics are named keng.<plural>.v<major>', () => {
  for (const topic of Object.keys(LOG_TOPICS)) expect(topic).toMatch(/^keng\.[a-z-]+\.v\d+$/)
})
