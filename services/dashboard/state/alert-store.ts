/** Open alerts as signals, one for each, with what a person is doing about it on this page. */

import type { ReadonlySignal, Signal } from '@preact/signals'
import { batch, computed, signal } from '@preact/signals'
import type { Severity } from '../../../libs/core/alarm/alert.ts'
import { SEVERITY_RANK } from '../model/judge-station.ts'
import { sortAlerts } from '../model/sort-alerts.ts'
import type { WireAlert } from '../wire/wire.ts'

/** `failed` carries what the person is told. */
export type Acknowledging = { readonly step: 'idle' | 'sending' } | { readonly step: 'failed'; readonly why: string }

export interface OpenAlert {
  readonly id: string
  readonly alert: Signal<WireAlert>
  readonly acknowledging: Signal<Acknowledging>
}

export interface AlertStore {
  /** Those not closed, in order of attention; the same array until the order changes. */
  readonly ordered: ReadonlySignal<readonly OpenAlert[]>
  readonly worstByDevice: ReadonlySignal<ReadonlyMap<string, Severity>>
  /** Going on and not hidden. */
  readonly activeCount: ReadonlySignal<number>
  /** When the last alert closed, epoch milliseconds; `never` when none ever did, null while that is not known. */
  readonly lastClosedAt: Signal<number | 'never' | null>
  /** The newest alert that opened while the page was watching, for screen readers. */
  readonly announced: ReadonlySignal<WireAlert | null>
  load(alerts: readonly WireAlert[]): void
  apply(alert: WireAlert): void
}

export function createAlertStore(): AlertStore {
  const open = new Map<string, OpenAlert>()
  const list = signal<readonly OpenAlert[]>([])
  const lastClosedAt = signal<number | 'never' | null>(null)
  const announced = signal<WireAlert | null>(null)

  function put(alert: WireAlert): boolean {
    const known = open.get(alert.id)
    if (known !== undefined) {
      known.alert.value = alert
      if (alert.acknowledged !== null) known.acknowledging.value = { step: 'idle' }
      return false
    }
    open.set(alert.id, { id: alert.id, alert: signal(alert), acknowledging: signal({ step: 'idle' }) })
    return true
  }

  let last: readonly OpenAlert[] = []
  const ordered = computed(() => {
    const next = sortAlerts(list.value.map((entry) => entry.alert.value))
      .map(({ id }) => open.get(id))
      .filter((entry) => entry !== undefined)
    if (next.length !== last.length || next.some((entry, index) => entry !== last[index])) last = next
    return last
  })

  const worstByDevice = computed(() => {
    const worst = new Map<string, Severity>()
    for (const entry of list.value) {
      const { device, severity, hidden, state } = entry.alert.value
      if (hidden !== null || state !== 'active') continue
      const known = worst.get(device)
      if (known === undefined || SEVERITY_RANK[severity] > SEVERITY_RANK[known]) worst.set(device, severity)
    }
    return worst
  })

  return {
    ordered,
    worstByDevice,
    activeCount: computed(
      () => list.value.filter(({ alert }) => alert.value.state === 'active' && alert.value.hidden === null).length,
    ),
    lastClosedAt,
    announced,
    load(alerts) {
      batch(() => {
        const kept = new Set(alerts.map((alert) => alert.id))
        for (const id of [...open.keys()]) if (!kept.has(id)) open.delete(id)
        for (const alert of alerts) put(alert)
        list.value = [...open.values()]
      })
    },
    apply(alert) {
      batch(() => {
        if (alert.state === 'closed') {
          const closedAt = Date.parse(alert.closedAt ?? alert.openedAt)
          const known = lastClosedAt.peek()
          lastClosedAt.value = typeof known === 'number' ? Math.max(known, closedAt) : closedAt
          if (open.delete(alert.id)) list.value = [...open.values()]
          return
        }
        if (!put(alert)) return
        list.value = [...open.values()]
        if (alert.state === 'active' && !alert.retrospective && alert.hidden === null) announced.value = alert
      })
    },
  }
}
