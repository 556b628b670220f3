/** Keeps the page true: follows the live stream, loads the lists at each `reset`, and knows whether the server is heard. */

import type { ReadonlySignal } from '@preact/signals'
import { batch, signal } from '@preact/signals'
import type { AlertStore } from '../state/alert-store.ts'
import type { StationStore } from '../state/station-store.ts'
import type { CommuneApi } from '../wire/commune-api.ts'
import { RequestFailed } from '../wire/commune-api.ts'
import type { WireAlert, WireArrival, WireDeletion, WireDevice } from '../wire/wire.ts'
import { createFrameQueue } from './frame-queue.ts'

const STREAM_URL = '/api/v1/live?types=reading,alert,device'
const RETRY_MIN_MS = 1000
const RETRY_MAX_MS = 15_000
/** Items that wait for a load to end; beyond it the load begins anew. */
const QUEUE_LIMIT = 20_000
/** A stream that is silent this long while the ledger grows is dead, though the browser believes it open (after a sleep). */
const DEAD_STREAM_MS = 30_000

type LiveEvent =
  | { readonly type: 'reading'; readonly arrival: WireArrival }
  | { readonly type: 'alert'; readonly alert: WireAlert }
  | { readonly type: 'device'; readonly device: WireDevice | WireDeletion }

export interface LiveFeed {
  /** `connecting` until the lists are there for the first time. */
  readonly link: ReadonlySignal<'connecting' | 'live' | 'lost'>
  /** Epoch milliseconds of the last event, by the server's clock. */
  readonly lastMessageAt: ReadonlySignal<number | null>
  /** What went wrong with the last load, or null. */
  readonly loadTrouble: ReadonlySignal<RequestFailed | null>
  start(): void
  stop(): void
  /** Says how a request beside the stream went: it shows a dead server, or a dead stream, sooner than the stream does. */
  noteAnswer(reached: boolean, storedNow: number | null): void
}

export interface LiveFeedDeps {
  readonly api: CommuneApi
  readonly stations: StationStore
  readonly alerts: AlertStore
  readonly now: () => number
  readonly onArrivals: (arrivals: readonly WireArrival[]) => void
  readonly onAlert: (alert: WireAlert) => void
  readonly onSessionEnded: () => void
  readonly nextFrame: (callback: () => void) => void
}

export function createLiveFeed(deps: LiveFeedDeps): LiveFeed {
  const link = signal<'connecting' | 'live' | 'lost'>('connecting')
  const lastMessageAt = signal<number | null>(null)
  const loadTrouble = signal<RequestFailed | null>(null)
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let retryMs = RETRY_MIN_MS
  let loading = 0
  let loads = 0
  let loadedOnce = false
  let reachable = true
  let stored: number | null = null

  const queue = createFrameQueue<LiveEvent>({
    onItems: apply,
    onOverflow: () => void load(),
    limit: QUEUE_LIMIT,
    nextFrame: deps.nextFrame,
  })

  function apply(events: readonly LiveEvent[]): void {
    const arrivals: WireArrival[] = []
    batch(() => {
      for (const event of events) {
        if (event.type === 'alert') {
          deps.alerts.apply(event.alert)
          deps.onAlert(event.alert)
        } else if (event.type === 'device') deps.stations.applyDevice(event.device)
        else {
          deps.stations.applyArrival(event.arrival)
          arrivals.push(event.arrival)
        }
      }
      if (arrivals.length > 0) deps.onArrivals(arrivals)
    })
  }

  function judge(): void {
    const heard = source?.readyState === EventSource.OPEN && reachable
    if (heard && loadedOnce) link.value = 'live'
    else if (loadedOnce || !reachable) link.value = 'lost'
  }

  async function load(): Promise<void> {
    loads += 1
    const mine = loads
    loading = mine
    queue.clear()
    queue.hold()
    try {
      const [devices, alerts, closed] = await Promise.all([
        deps.api.devices(),
        deps.api.openAlerts(),
        deps.api.alerts({ state: 'closed', limit: 20 }),
      ])
      if (mine !== loading) return
      batch(() => {
        deps.alerts.load(alerts)
        deps.stations.load(devices)
        const closedAt = closed.map((alert) => Date.parse(alert.closedAt ?? alert.openedAt))
        deps.alerts.lastClosedAt.value = closedAt.length === 0 ? 'never' : Math.max(...closedAt)
        loadTrouble.value = null
        loadedOnce = true
        loading = 0
        judge()
      })
      queue.release()
    } catch (error) {
      if (mine !== loading) return
      if (error instanceof RequestFailed && error.status === 401) return deps.onSessionEnded()
      loadTrouble.value =
        error instanceof RequestFailed
          ? error
          : new RequestFailed({ status: 0, code: 'KENG_PAGE_ANSWER', detail: String(error) })
      timer = setTimeout(() => void load(), RETRY_MAX_MS / 5)
    }
  }

  function receive(event: LiveEvent): void {
    lastMessageAt.value = deps.now()
    queue.push(event)
  }

  function open(): void {
    clearTimeout(timer)
    source?.close()
    const opened = new EventSource(STREAM_URL)
    source = opened
    const on = (type: string, take: (data: unknown) => void): void =>
      opened.addEventListener(type, (message) => take(JSON.parse((message as MessageEvent<string>).data)))
    opened.onopen = () => {
      retryMs = RETRY_MIN_MS
      reachable = true
      judge()
    }
    opened.onerror = () => {
      judge()
      // The browser reconnects after a cut, with Last-Event-ID. It gives up after an answer that is no stream: 401, 503, a proxy's page.
      if (opened.readyState !== EventSource.CLOSED || source !== opened) return
      timer = setTimeout(() => void reopen(), retryMs)
      retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)
    }
    on('reset', () => {
      lastMessageAt.value = deps.now()
      void load()
    })
    on('reading', (data) => receive({ type: 'reading', arrival: data as WireArrival }))
    on('alert', (data) => receive({ type: 'alert', alert: data as WireAlert }))
    on('device', (data) => receive({ type: 'device', device: data as WireDevice | WireDeletion }))
  }

  async function reopen(): Promise<void> {
    const ended = await deps.api.session().then(
      () => false,
      (error: unknown) => error instanceof RequestFailed && error.status === 401,
    )
    if (source === null) return
    if (ended) deps.onSessionEnded()
    else open()
  }

  return {
    link,
    lastMessageAt,
    loadTrouble,
    start: open,
    stop() {
      clearTimeout(timer)
      source?.close()
      source = null
      loading = 0
      loadedOnce = false
      link.value = 'connecting'
      queue.clear()
    },
    noteAnswer(reached, storedNow) {
      reachable = reached
      judge()
      const grew = stored !== null && storedNow !== null && storedNow > stored
      if (storedNow !== null) stored = storedNow
      const quietFor = deps.now() - (lastMessageAt.peek() ?? deps.now())
      if (grew && quietFor > DEAD_STREAM_MS && source?.readyState === EventSource.OPEN) open()
    },
  }
}
