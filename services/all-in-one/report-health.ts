/** Says in the log when a part stops doing its work and when it does it again: the same words as /readyz, without anybody asking. */

import type { Clock } from '../../libs/ports/clock.ts'
import type { PartReadiness } from '../api/api-deps.ts'

export interface HealthReportDeps {
  readonly clock: Clock
  readonly logger: Record<'error' | 'warn' | 'info', (fields: object, message: string) => void>
  readonly readiness: () => Promise<Readonly<Record<string, PartReadiness>>>
}

/** Trouble that comes and goes within it is no news. */
const LOOK_MS = 1_000

/** Looks from now on; the returned function ends it. */
export function reportHealth({ clock, logger, readiness }: HealthReportDeps): () => void {
  const unwell = new Set<string>()
  const noted = new Map<string, string>()
  let cancel: () => void = () => {}
  let stopped = false

  const tell = (part: string, { ready, detail }: PartReadiness) => {
    if (ready && detail !== 'ok' && noted.get(part) !== detail)
      logger.warn({ part, detail }, 'a part works, with a reservation')
    noted.set(part, detail)
    if (ready === !unwell.has(part)) return
    if (ready) {
      unwell.delete(part)
      logger.info({ part }, 'a part does its work again')
    } else {
      unwell.add(part)
      logger.error({ part, detail }, 'a part does not do its work; nothing acknowledged is lost')
    }
  }
  const look = async () => {
    for (const [part, state] of Object.entries(await readiness())) if (!stopped) tell(part, state)
    if (!stopped) cancel = clock.after(LOOK_MS, () => void look())
  }

  cancel = clock.after(LOOK_MS, () => void look())
  return () => {
    stopped = true
    cancel()
  }
}
