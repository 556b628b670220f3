/** The reading store in DuckDB keeps the contract, in a real file. */

import { join } from 'node:path'
import { describe } from 'vitest'

import { createDuckdbReadingStore } from '../../libs/adapters/duckdb/duckdb-reading-store.ts'
import { tempDir } from '../support/temp-dir.ts'
import { readingStoreContract } from './reading-store.contract.ts'

describe('createDuckdbReadingStore', () => {
  readingStoreContract(
    (t) => {
      const file = join(tempDir(t), 'readings.duckdb')
      return () => createDuckdbReadingStore({ file, memoryLimit: '96MB' })
    },
    { survivesRestart: true },
  )
})
