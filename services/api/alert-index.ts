/** Alerts in memory, newest opened first, with the few that are open at hand. About 1.7 KB an alert with its three transitions. */

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

interface Cell extends AlertPlace {
  alert: Alert
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
  const cells = new Map<string, Cell>()
  const open = new Set<Cell>()
  /** Oldest first: a new alert is nearly always the last. */
  const places: Cell[] = []

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
      const few = [...open].sort((a, b) => (isBefore(a, b) ? 1 : -1))
      for (const cell of few) if (after === undefined || isBefore(cell, after)) yield cell.alert
      return
    }
    for (let index = (after === undefined ? places.length : positionOf(after)) - 1; index >= 0; index--) {
      const cell = places[index]
      if (cell !== undefined) yield cell.alert
    }
  }

  return {
    get: (id) => cells.get(id)?.alert,
    size: () => cells.size,
    put(alert) {
      const { id, openedAt } = alert
      let cell = cells.get(id)
      if (cell === undefined) {
        cell = { openedAt, id, alert }
        cells.set(id, cell)
        places.splice(positionOf(cell), 0, cell)
      }
      cell.alert = alert
      if (alert.state === 'closed') open.delete(cell)
      else open.add(cell)
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
