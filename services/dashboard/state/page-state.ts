/** Puts the page's parts together: one clock, one language, one session, and the stores behind what is seen. */

import type { ReadonlySignal, Signal } from '@preact/signals'
import { computed, effect, signal } from '@preact/signals'
import type { LiveFeed } from '../live/live-feed.ts'
import { createLiveFeed } from '../live/live-feed.ts'
import { createCommuneApi, RequestFailed } from '../wire/commune-api.ts'
import type { Language, Words } from '../words/words.ts'
import { EN } from '../words/words-en.ts'
import { VI } from '../words/words-vi.ts'
import type { AlertStore, OpenAlert } from './alert-store.ts'
import { createAlertStore } from './alert-store.ts'
import type { ChartStore } from './chart-store.ts'
import { createChartStore } from './chart-store.ts'
import type { LedgerStore } from './ledger-store.ts'
import { createLedgerStore } from './ledger-store.ts'
import type { StationStore } from './station-store.ts'
import { createStationStore } from './station-store.ts'

/** `out` says why: null when nobody has tried. */
export type Session =
  | { readonly step: 'checking' }
  | { readonly step: 'in'; readonly name: string }
  | { readonly step: 'out'; readonly why: 'ended' | 'used' | 'too-many' | RequestFailed | null }

export interface PageState {
  readonly language: Signal<Language>
  readonly words: ReadonlySignal<Words>
  /** The server's clock, epoch milliseconds, moving once a second. */
  readonly now: ReadonlySignal<number>
  readonly session: ReadonlySignal<Session>
  readonly stations: StationStore
  readonly alerts: AlertStore
  readonly ledger: LedgerStore
  readonly chart: ChartStore
  readonly feed: LiveFeed
  /** Exchanges the code of the link for a session, or looks whether there is one already. */
  enter(code: string | null): Promise<void>
  leave(): Promise<void>
  acknowledge(entry: OpenAlert): Promise<void>
}

/** The Date header has whole seconds, so a smaller difference may be none. */
const CLOCK_TOLERANCE_MS = 2500
const LANGUAGE_KEY = 'keng.language'

/** What the reader chose last, else the installation's language (KENG_LANG), which the server writes into the page. */
const firstLanguage = (): Language => {
  const installed = document.documentElement.lang === 'en' ? 'en' : 'vi'
  try {
    const stored = localStorage.getItem(LANGUAGE_KEY)
    return stored === 'vi' || stored === 'en' ? stored : installed
  } catch {
    return installed // Storage may be switched off in the browser.
  }
}

const nextFrame = (callback: () => void): void => {
  if (document.hidden) setTimeout(callback, 1000)
  else requestAnimationFrame(callback)
}

export function createPageState(): PageState {
  const language = signal<Language>(firstLanguage())
  const words = computed(() => (language.value === 'vi' ? VI : EN))
  const session = signal<Session>({ step: 'checking' })
  let aheadMs = 0
  const serverNow = (): number => Date.now() + aheadMs
  const now = signal(Date.now())
  setInterval(() => {
    now.value = serverNow()
  }, 1000)

  const api = createCommuneApi({
    onClock(measured) {
      const next = Math.abs(measured) < CLOCK_TOLERANCE_MS ? 0 : measured
      if (Math.abs(next - aheadMs) < CLOCK_TOLERANCE_MS) return
      aheadMs = next
      now.value = serverNow()
    },
  })

  const onSessionEnded = (): void => end('ended')
  const alerts = createAlertStore()
  const stations = createStationStore({ now, worstAlerts: alerts.worstByDevice })
  const openAlerts = () => alerts.ordered.peek().map((entry) => entry.alert.peek())
  const chart = createChartStore({ api, now: serverNow, openAlerts })
  const feed = createLiveFeed({
    api,
    stations,
    alerts,
    now: serverNow,
    onArrivals: (arrivals) => chart.append(arrivals),
    onAlert: (alert) => chart.noteAlert(alert),
    onSessionEnded,
    nextFrame,
  })
  const ledger = createLedgerStore({
    api,
    now: serverNow,
    onAnswer: (reached, stored) => feed.noteAnswer(reached, stored),
    onSessionEnded,
  })
  setInterval(() => chart.refresh(), 15_000)

  effect(() => {
    document.documentElement.lang = language.value
    try {
      localStorage.setItem(LANGUAGE_KEY, language.value)
    } catch {
      // The choice holds until the page is closed.
    }
  })
  effect(() => {
    const open = alerts.activeCount.value
    document.title = open === 0 ? words.value.appName : `(${open}) ${words.value.appName}`
  })

  function end(why: Extract<Session, { step: 'out' }>['why']): void {
    feed.stop()
    ledger.stop()
    session.value = { step: 'out', why }
  }

  function begin(name: string): void {
    session.value = { step: 'in', name }
    feed.start()
    ledger.start()
  }

  const failed = (error: unknown): RequestFailed =>
    error instanceof RequestFailed
      ? error
      : new RequestFailed({ status: 0, code: 'KENG_PAGE_ANSWER', detail: String(error) })

  return {
    language,
    words,
    now,
    session,
    stations,
    alerts,
    ledger,
    chart,
    feed,
    async enter(code) {
      if (session.peek().step === 'in' && code === null) return
      feed.stop()
      ledger.stop()
      session.value = { step: 'checking' }
      let refused: RequestFailed | null = null
      if (code !== null) {
        try {
          return begin((await api.enter(code)).name)
        } catch (error) {
          refused = failed(error)
        }
      }
      try {
        begin((await api.session()).name)
      } catch (error) {
        const why = refused ?? failed(error)
        if (why.status === 429) end('too-many')
        else if (refused !== null && why.status >= 400 && why.status < 500) end('used')
        else end(why.status === 401 ? null : why)
      }
    },
    async leave() {
      await api.leave().catch(() => undefined)
      end(null)
    },
    async acknowledge(entry) {
      if (entry.acknowledging.peek().step === 'sending') return
      entry.acknowledging.value = { step: 'sending' }
      try {
        alerts.apply(await api.acknowledge(entry.id))
      } catch (error) {
        const why = failed(error)
        if (why.status === 401) return onSessionEnded()
        // 409: somebody else was faster; who and when is on the alert itself.
        const current = why.status === 409 || why.status === 404 ? await api.alert(entry.id).catch(() => null) : null
        if (current !== null && (current.acknowledged !== null || current.state === 'closed')) alerts.apply(current)
        else
          entry.acknowledging.value = { step: 'failed', why: why.status === 0 ? words.peek().serverAway : why.message }
      }
    },
  }
}
