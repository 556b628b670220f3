/** What the server says it refused. */

import { expect } from 'vitest'

import { readMetric } from './read-metric.ts'

/** Runs it and expects the server to count at least one refusal more for this reason. */
export async function expectCounted(http: string, reason: string, run: () => Promise<void>): Promise<void> {
  const refused = () => readMetric(http, `keng_ingest_refused_total{reason="${reason}"}`)
  const before = await refused()
  await run()
  await expect.poll(refused).toBeGreaterThan(before)
}
