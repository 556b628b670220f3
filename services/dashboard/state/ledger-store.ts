/** The ledger and the last refused messages, asked for every few seconds while the page is seen. */

import type { ReadonlySignal, Signal } from '@preact/signals'
import { signal } from '@preact/signals'
import type { CommuneApi } from '../wire/commune-api.ts'
import { RequestFailed } from '../wire/commune-api.ts'
import type { WireLedger, WireRejection } from '../wire/wire.ts'

const EVERY_MS = 5000
const REJECTIONS_SHOWN = 10

export interface LedgerStore {
  readonly ledger: ReadonlySignal<{ readonly counts: WireLedger; readonly readAt: number } | null>
  readonly rejections: ReadonlySignal<readonly WireRejection[] | null>
  /** Whether the table is open: rejections are asked for only then. */
  readonly showRejections: Signal<boolean>
  start(): void
  stop(): void
  /** Asks now. */
  read(): Promise<void>
}

export interface LedgerDeps {
  readonly api: CommuneApi
  readonly now: () => number
  readonly onAnswer: (reached: boolean, stored: number | null) => void
  readonly onSessionEnded: () => void
}

export function createLedgerStore({ api, now, onAnswer, onSessionEnded }: LedgerDeps): LedgerStore {
  const ledger = signal<{ counts: WireLedger; readAt: number } | null>(null)
  const rejections = signal<readonly WireRejection[] | null>(null)
  const showRejections = signal(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false

  async function read(): Promise<void> {
    try {
      const counts = await api.ledger()
      ledger.value = { counts, readAt: now() }
      onAnswer(true, counts.stored + counts.partial)
      if (showRejections.peek()) rejections.value = await api.rejections(REJECTIONS_SHOWN)
    } catch (error) {
      const status = error instanceof RequestFailed ? error.status : 0
      if (status === 401) return onSessionEnded()
      onAnswer(status !== 0, null)
    }
  }

  async function loop(): Promise<void> {
    await read()
    if (running) timer = setTimeout(() => void loop(), EVERY_MS)
  }

  return {
    ledger,
    rejections,
    showRejections,
    read,
    start() {
      running = true
      clearTimeout(timer)
      void loop()
    },
    stop() {
      running = false
      clearTimeout(timer)
    },
  }
}
