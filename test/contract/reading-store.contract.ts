/** What every reading store promises; each adapter's test runs all of it against the real thing. */

import { readingStoreAccountsContract } from './reading-store-accounts.contract.ts'
import { readingStoreQueriesContract } from './reading-store-queries.contract.ts'
import { readingStoreWritesContract } from './reading-store-writes.contract.ts'
import type { StoreFeatures, StorePlace } from './store-batches.ts'

/** `place` gives a new place to keep readings in, and how to open a store there: again after a close, as a restart does. */
export function readingStoreContract(place: StorePlace, features: StoreFeatures): void {
  readingStoreWritesContract(place, features)
  readingStoreQueriesContract(place)
  readingStoreAccountsContract(place)
}
