/** Which tests belong to which step: `npm run check` runs the first three projects, `npm test` all but services. */

import { availableParallelism } from 'node:os'

import { defineConfig } from 'vitest/config'

const SECOND_MS = 1_000

// Tests that use sockets, files and processes get time for a busy machine; unit tests open none of these.
const project = (name: string, testTimeoutSeconds: number, more = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: testTimeoutSeconds * SECOND_MS,
    hookTimeout: Math.max(10, testTimeoutSeconds) * SECOND_MS,
    expect: { poll: { timeout: Math.min(10, testTimeoutSeconds - 0.5) * SECOND_MS, interval: 20 } },
    ...more,
  },
})

// These run the built program as a process. Most of their time is waiting for it, so two files share two cores well;
// tests of faults and of the page do not share.
const BUILT = { globalSetup: 'test/support/build-what-is-old.ts' }

// `.ci/run` adds up what ran; on a terminal the default reporter is what people read.
const reports = process.env.VITEST_REPORTS

export default defineConfig({
  test: {
    ...(reports && { reporters: ['default', 'json'], outputFile: { json: `${reports}/${process.pid}.json` } }),
    // Vitest's own choice on two cores is one worker.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      project('unit', 5),
      project('conventions', 10),
      project('golden', 5),
      project('contract', 30),
      project('integration', 30),
      project('e2e', 60, BUILT),
      project('services', 180, { ...BUILT, fileParallelism: false }),
    ],
  },
})
