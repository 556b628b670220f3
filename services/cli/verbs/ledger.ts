/** `keng ledger`: what became of the messages. */

import { connectToServer } from '../local-server.ts'
import { type Terminal, table } from '../terminal.ts'

export interface LedgerOptions {
  readonly device?: string
  readonly from?: string
  readonly to?: string
  readonly json?: true
}

export async function ledger({ json, ...query }: LedgerOptions, terminal: Terminal): Promise<void> {
  const sum = (await connectToServer().get('/api/v1/ledger', query)) as Record<string, number>
  terminal.out(json ? JSON.stringify(sum) : table(Object.entries(sum).map(([name, count]) => [name, String(count)])))
}
