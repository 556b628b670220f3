/** What the chart shows: the chosen value and period, its points with live ones at the end, and the alerts on it. */

import type { ReadonlySignal, Signal } from '@preact/signals'
import { signal } from '@preact/signals'
import type { Severity } from '../../../libs/core/alarm/alert.ts'
import type { ChartPoint } from '../model/chart-columns.ts'
import type { Period } from '../model/chart-question.ts'
import { CHART_QUESTIONS } from '../model/chart-question.ts'
import { mergeBuckets } from '../model/merge-buckets.ts'
import type { CommuneApi } from '../wire/commune-api.ts'
import { RequestFailed } from '../wire/commune-api.ts'
import type { WireAlert, WireArrival } from '../wire/wire.ts'

/** Live points kept behind the answer until it is asked again. */
const LIVE_LIMIT = 20_000

export interface Selection {
  readonly device: string
  readonly channel: string
}

export interface AlertSpan {
  readonly alert: string
  readonly severity: Severity
  /** Epoch milliseconds; `to` is null while it goes on. */
  readonly from: number
  readonly to: number | null
}

export type ChartStatus =
  | { readonly step: 'idle' | 'loading' | 'ready' }
  | { readonly step: 'failed'; readonly why: RequestFailed }

export interface ChartStore {
  readonly selection: ReadonlySignal<Selection | null>
  readonly period: Signal<Period>
  readonly status: ReadonlySignal<ChartStatus>
  readonly points: ReadonlySignal<readonly ChartPoint[]>
  readonly spans: ReadonlySignal<readonly AlertSpan[]>
  readonly boolean: ReadonlySignal<boolean>
  /** When the channel was first measured, if that is well within the period, else null. Epoch milliseconds. */
  readonly beginsAt: ReadonlySignal<number | null>
  /** On a phone the chart is a sheet that covers the page; this says whether it is open. */
  readonly sheetOpen: Signal<boolean>
  select(selection: Selection, how: { readonly openSheet: boolean }): void
  setPeriod(period: Period): void
  load(): Promise<void>
  append(arrivals: readonly WireArrival[]): void
  /** Takes an alert that opened or changed; one of another value is passed over. */
  noteAlert(alert: WireAlert): void
  /** Asks again when the answer has aged; call now and then. */
  refresh(): void
}

const concerns = (alert: WireAlert, selection: Selection): boolean =>
  alert.subject === `${selection.device}/${selection.channel}` ||
  (alert.device === selection.device && alert.evidence.some((proof) => proof.channel === selection.channel))

function spanOf(alert: WireAlert): AlertSpan {
  const end = alert.returnedAt ?? alert.closedAt
  return {
    alert: alert.id,
    severity: alert.severity,
    from: Date.parse(alert.openedAt),
    to: end === null ? null : Date.parse(end),
  }
}

export interface ChartDeps {
  readonly api: CommuneApi
  readonly now: () => number
  readonly openAlerts: () => readonly WireAlert[]
}

export function createChartStore({ api, now, openAlerts }: ChartDeps): ChartStore {
  const selection = signal<Selection | null>(null)
  const period = signal<Period>('1h')
  const status = signal<ChartStatus>({ step: 'idle' })
  const points = signal<readonly ChartPoint[]>([])
  const spans = signal<readonly AlertSpan[]>([])
  const boolean = signal(false)
  const beginsAt = signal<number | null>(null)
  const sheetOpen = signal(false)
  let asked = 0
  let loadedAt = 0
  /** What arrived while the answer was on its way. */
  let meanwhile: ChartPoint[] | null = null

  async function load(): Promise<void> {
    const chosen = selection.peek()
    if (chosen === null) return
    asked += 1
    const mine = asked
    const { spanMs, every } = CHART_QUESTIONS[period.peek()]
    const from = new Date(now() - spanMs).toISOString()
    const ask = (fn?: 'mean' | 'min' | 'max') =>
      api.readings({ ...chosen, from, ...(every === null || fn === undefined ? {} : { every, fn }) })
    meanwhile = []
    try {
      const [values, lows, highs, alerts] = await Promise.all([
        ask('mean'),
        every === null ? null : ask('min'),
        every === null ? null : ask('max'),
        api.alerts({ device: chosen.device, from, limit: 200 }),
      ])
      if (mine !== asked) return
      const first = values.points[0]?.[0]
      const before = await firstWithin(chosen, from, spanMs, first === undefined ? null : Date.parse(first))
      if (mine !== asked) return
      beginsAt.value = before
      boolean.value = values.unit === 'bool'
      const answer = mergeBuckets(values.points, lows?.points ?? null, highs?.points ?? null)
      const end = answer[answer.length - 1]?.ts ?? 0
      points.value = [...answer, ...meanwhile.filter((point) => point.ts > end)]
      // The list begins at `from`; what opened before and still goes on is among the open ones.
      spans.value = []
      for (const alert of [...alerts, ...openAlerts()]) noteAlert(alert)
      loadedAt = now()
      status.value = { step: 'ready' }
    } catch (error) {
      if (mine !== asked) return
      const why =
        error instanceof RequestFailed
          ? error
          : new RequestFailed({ status: 0, code: 'KENG_PAGE_ANSWER', detail: String(error) })
      status.value = { step: 'failed', why }
    } finally {
      if (mine === asked) meanwhile = null
    }
  }

  /** `first` if nothing was measured before the period, and the period's start is far enough from it to matter. */
  async function firstWithin(
    chosen: Selection,
    from: string,
    spanMs: number,
    first: number | null,
  ): Promise<number | null> {
    if (first === null || first - Date.parse(from) < spanMs / 10) return null
    const { points: earlier } = await api.readings({ ...chosen, from: new Date(0).toISOString(), to: from, limit: 1 })
    return earlier.length === 0 ? first : null
  }

  function noteAlert(alert: WireAlert): void {
    const chosen = selection.peek()
    if (chosen === null || !concerns(alert, chosen)) return
    spans.value = [...spans.peek().filter((span) => span.alert !== alert.id), spanOf(alert)]
  }

  function restart(): void {
    points.value = []
    spans.value = []
    status.value = { step: 'loading' }
    void load()
  }

  return {
    selection,
    period,
    status,
    points,
    spans,
    boolean,
    beginsAt,
    sheetOpen,
    load,
    select(next, { openSheet }) {
      if (openSheet) sheetOpen.value = true
      const current = selection.peek()
      if (current?.device === next.device && current.channel === next.channel) return
      selection.value = next
      restart()
    },
    setPeriod(next) {
      if (period.peek() === next) return
      period.value = next
      restart()
    },
    noteAlert,
    append(arrivals) {
      const chosen = selection.peek()
      if (chosen === null || status.peek().step === 'failed') return
      const last = points.peek()[points.peek().length - 1]?.ts ?? 0
      const fresh: ChartPoint[] = []
      for (const { device, channel, points: arrived } of arrivals) {
        if (device !== chosen.device || channel !== chosen.channel) continue
        for (const [ts, value, flags] of arrived) {
          const number = Number(value)
          if (value !== null)
            fresh.push({ ts: Date.parse(ts), value: number, low: number, high: number, flags, raw: true })
        }
      }
      if (fresh.length === 0) return
      if (meanwhile !== null) meanwhile.push(...fresh.slice(0, LIVE_LIMIT - meanwhile.length))
      const oldest = now() - CHART_QUESTIONS[period.peek()].spanMs
      // Late points belong further back: the next answer brings them.
      const next = [...points.peek(), ...fresh.filter((point) => point.ts > last)].filter((point) => point.ts >= oldest)
      points.value = next.length > LIVE_LIMIT ? next.slice(-LIVE_LIMIT) : next
    },
    refresh() {
      if (selection.peek() === null || status.peek().step === 'loading') return
      if (status.peek().step === 'failed' || now() - loadedAt > CHART_QUESTIONS[period.peek()].freshForMs) void load()
    },
  }
}
