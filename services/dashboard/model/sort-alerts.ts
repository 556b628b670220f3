/** The order in which open alerts ask for attention. */

import type { WireAlert } from '../wire/wire.ts'
import { SEVERITY_RANK } from './judge-station.ts'

type Sortable = Pick<WireAlert, 'id' | 'severity' | 'state' | 'acknowledged' | 'hidden' | 'openedAt'>

/** 3: going on, nobody has seen it; 2: gone, nobody has seen it; 1: seen; 0: hidden on purpose. */
function attention(alert: Sortable): number {
  if (alert.hidden !== null) return 0
  if (alert.acknowledged !== null) return 1
  return alert.state === 'active' ? 3 : 2
}

/** By attention, then severity, then the newest first; closed ones are left out. */
export function sortAlerts<T extends Sortable>(alerts: readonly T[]): T[] {
  return alerts
    .filter((alert) => alert.state !== 'closed')
    .sort(
      (a, b) =>
        attention(b) - attention(a) ||
        SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] ||
        Date.parse(b.openedAt) - Date.parse(a.openedAt) ||
        (a.id < b.id ? -1 : 1),
    )
}
