/** The reading store in memory keeps the contract, so that tests which use it hide no fault. */

import { describe } from 'vitest'

import { createMemoryReadingStore } from '../../libs/adapters/memory/memory-reading-store.ts'
import { readingStoreContract } from './reading-store.contract.ts'

describe('createMemoryReadingStore', () => {
  readingStoreContract(() => async () => createMemoryReadingStore(), {
    survivesRestart: { no: 'memory is volatile by design' },
  })
})
