/** A folder of its own for each test, gone when the test is. */

import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Cleanup } from './cleanup.ts'

export function tempDir(t: Cleanup): string {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'keng-test-'))
  t.onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }))
  return path
}
