/** Adds the ledger up again, so that the page does not just repeat what it was told. */

import type { LedgerSum } from '../../../libs/core/ledger.ts'

export const LEDGER_PARTS = ['stored', 'partial', 'duplicate', 'rejected', 'inFlight'] as const

/** `missing` is received minus the sum of the parts: 0 when every message is accounted for. */
export function checkLedger(ledger: LedgerSum): { readonly sum: number; readonly missing: number } {
  const sum = LEDGER_PARTS.reduce((total, part) => total + ledger[part], 0)
  return { sum, missing: ledger.received - sum }
}
