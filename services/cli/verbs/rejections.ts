/** `keng rejections`: messages that were refused, newest first, and why. */

import { connectToServer } from '../local-server.ts'
import { type Terminal, table } from '../terminal.ts'

export interface RejectionsOptions {
  readonly device?: string
  readonly code?: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
  readonly json?: true
}

interface RejectionAnswer {
  readonly receivedAt: string
  readonly device: string | null
  readonly code: string
  readonly payload: string
}

const PAYLOAD_SHOWN = 60

export async function rejections({ json, ...query }: RejectionsOptions, terminal: Terminal): Promise<void> {
  const page = (await connectToServer().get('/api/v1/rejections', query)) as { items: RejectionAnswer[] }
  if (json) return terminal.out(JSON.stringify(page))
  const rows = page.items.map((item) => [item.receivedAt, item.device ?? '', item.code, oneLine(item.payload)])
  terminal.out(table([['received', 'device', 'code', 'payload'], ...rows]))
}

/** Payloads come from devices: control characters must not reach a terminal. */
const oneLine = (payload: string): string => payload.replace(/\p{C}+/gu, ' ').slice(0, PAYLOAD_SHOWN)
