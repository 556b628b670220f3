/** Alerts in memory, newest opened first, with the few that are open at hand. About 2 KiB an alert with two readings as evidence. */

import type { Alert, AlertState } from '../../libs/core/alarm/alert.ts'

/** Absent is any. Times are epoch milliseconds of opening; `from` inclusive, `to` exclusive. */
export interface AlertFilter {
  readonly states?: ReadonlySet<AlertState>
  readonly area?: string
  readonly rule?: string
  readonly device?: string
  readonly from?: number
  readonly to?: number
}

/** Place of an alert in the list: it does not move as the alert changes. */
export interface AlertPlace {
  readonly openedAt: number
  readonly id: string
}

export interface AlertPage {
  readonly items: readonly Alert[]
  /** The last item's place where there is more. */
  readonly next: AlertPlace | null
}

export interface AlertIndex {
  get(id: string): Alert | undefined
  put(alert: Alert): void
  list(filter: AlertFilter, limit: number, after?: AlertPlace): AlertPage
  size(): number
}

const isBefore = (left: AlertPlace, right: AlertPlace): boolean =>
  left.openedAt < right.openedAt || (left.openedAt === right.openedAt && left.id < right.id)

export function createAlertIndex(): AlertIndex {
  const alerts = new Map<string, Alert>()
  const open = new Set<string>()
  /** Oldest first: a new alert is nearly always the last. */
  const places: AlertPlace[] = []

  const positionOf = (place: AlertPlace): number => {
    let low = 0
    let high = places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const found = places[middle]
      if (found !== undefined && isBefore(found, place)) low = middle + 1
      else high = middle
    }
    return low
  }

  function* newestFirst(filter: AlertFilter, after: AlertPlace | undefined): Generator<Alert> {
    if (filter.states !== undefined && !filter.states.has('closed')) {
      const few = [...open].flatMap((id) => alerts.get(id) ?? []).sort((a, b) => (isBefore(a, b) ? 1 : -1))
      for (const alert of few) if (after === undefined || isBefore(alert, after)) yield alert
      return
    }
    for (let index = (after === undefined ? places.length : positionOf(after)) - 1; index >= 0; index--) {
      const alert = alerts.get(places[index]?.id ?? '')
      if (alert !== undefined) yield alert
    }
  }

  return {
    get: (id) => alerts.get(id),
    size: () => alerts.size,
    put(alert) {
      if (!alerts.has(alert.id)) {
        const place = { openedAt: alert.openedAt, id: alert.id }
        places.splice(positionOf(place), 0, place)
      }
      alerts.set(alert.id, alert)
      if (alert.state === 'closed') open.delete(alert.id)
      else open.add(alert.id)
    },
    list(filter, limit, after) {
      const items: Alert[] = []
      for (const alert of newestFirst(filter, after)) {
        if (filter.from !== undefined && alert.openedAt < filter.from) break
        if (!fits(filter, alert)) continue
        const last = items.at(-1)
        if (items.length === limit && last !== undefined) {
          return { items, next: { openedAt: last.openedAt, id: last.id } }
        }
        items.push(alert)
      }
      return { items, next: null }
    },
  }
}

const fits = (filter: AlertFilter, alert: Alert): boolean =>
  (filter.to === undefined || alert.openedAt < filter.to) &&
  (filter.states === undefined || filter.states.has(alert.state)) &&
  (filter.area === undefined || alert.area === filter.area) &&
  (filter.rule === undefined || alert.rule === filter.rule) &&
  (filter.device === undefined || alert.device === filter.device)
