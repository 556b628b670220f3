/** Which tests belong to which step: `npm run check` runs the first three projects, `npm test` all but services. */

import { defineConfig } from 'vitest/config'

const SECOND_MS = 1_000

// Tests that use sockets, files and processes get time for a busy machine; unit tests open none of these.
const project = (name: string, testTimeoutSeconds: number, parallel = true) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: testTimeoutSeconds * SECOND_MS,
    hookTimeout: Math.max(10, testTimeoutSeconds) * SECOND_MS,
    fileParallelism: parallel,
    expect: { poll: { timeout: Math.min(10, testTimeoutSeconds - 0.5) * SECOND_MS, interval: 20 } },
  },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', 1),
      project('conventions', 10),
      project('golden', 5),
      project('contract', 30),
      project('integration', 30),
      project('e2e', 60, false),
      project('services', 180, false),
    ],
  },
})
