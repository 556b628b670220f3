/** The ledger: every message is accounted for (contract.md, section 3). */

export type Outcome = 'stored' | 'partial' | 'duplicate' | 'rejected'

export interface LedgerCounts {
  readonly stored: number
  readonly partial: number
  readonly duplicate: number
  readonly rejected: number
}

/** Counts that arrived in one minute from one device; added to what the store holds for the same minute. */
export interface LedgerDelta extends LedgerCounts {
  readonly device: string
  /** Epoch milliseconds of the start of the minute of arrival. */
  readonly minute: number
}

export interface LedgerSum extends LedgerCounts {
  /** Durable in the log, outcome not yet committed. */
  readonly inFlight: number
  /** The sum of the five others. */
  readonly received: number
}
