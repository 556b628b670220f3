/** The page's requests, one function a route. The cookie goes along by itself; nothing is kept here. */

import type {
  Iso,
  WireAlert,
  WireDevice,
  WireLedger,
  WireList,
  WireProblem,
  WireReadings,
  WireRejection,
  WireSession,
} from './wire.ts'

const TIMEOUT_MS = 15_000
/** The most that one list answers (contract.md, section 3). */
const LIST_LIMIT = 1000
const READINGS_LIMIT = 100_000

/** The answer was an error, or there was none: then `status` is 0 and the code KENG_PAGE_OFFLINE. */
export class RequestFailed extends Error {
  readonly status: number
  readonly code: string

  constructor(problem: Pick<WireProblem, 'status' | 'code'> & { detail: string }) {
    super(problem.detail)
    this.name = 'RequestFailed'
    this.status = problem.status
    this.code = problem.code
  }
}

export interface ReadingsQuestion {
  readonly device: string
  readonly channel: string
  readonly from: Iso
  readonly every?: string
  readonly fn?: 'mean' | 'min' | 'max'
  readonly to?: Iso
  readonly limit?: number
}

export interface CommuneApi {
  session(): Promise<WireSession>
  enter(code: string): Promise<WireSession>
  leave(): Promise<void>
  devices(): Promise<readonly WireDevice[]>
  /** All alerts in these states, newest opened first. */
  openAlerts(): Promise<readonly WireAlert[]>
  alerts(filter: { state?: string; device?: string; from?: Iso; limit: number }): Promise<readonly WireAlert[]>
  acknowledge(id: string): Promise<WireAlert>
  alert(id: string): Promise<WireAlert>
  readings(question: ReadingsQuestion): Promise<WireReadings>
  ledger(): Promise<WireLedger>
  rejections(limit: number): Promise<readonly WireRejection[]>
}

export interface ApiOptions {
  /** Milliseconds by which the server's clock is ahead of this machine's, as the last answer showed; off by up to a second. */
  readonly onClock: (aheadMs: number) => void
}

const query = (parameters: Readonly<Record<string, string | number | undefined>>): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, String(value))
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

async function problemOf(response: Response): Promise<RequestFailed> {
  const body = (await response.json().catch(() => null)) as Partial<WireProblem> | null
  return new RequestFailed({
    status: response.status,
    code: body?.code ?? `HTTP_${response.status}`,
    detail: body?.detail ?? body?.title ?? response.statusText,
  })
}

export function createCommuneApi(options: ApiOptions): CommuneApi {
  async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS)
    const init: RequestInit = { method, signal: abort.signal, cache: 'no-store', credentials: 'same-origin' }
    if (body !== undefined) {
      init.body = JSON.stringify(body)
      init.headers = { 'content-type': 'application/json' }
    }
    let response: Response
    try {
      response = await fetch(`/api/v1${path}`, init)
    } catch (error) {
      throw new RequestFailed({
        status: 0,
        code: 'KENG_PAGE_OFFLINE',
        detail: error instanceof Error ? error.message : String(error),
      })
    } finally {
      clearTimeout(timer)
    }
    const served = Date.parse(response.headers.get('date') ?? '')
    if (Number.isFinite(served)) options.onClock(served - Date.now())
    if (!response.ok) throw await problemOf(response)
    return (response.status === 204 ? undefined : await response.json()) as T
  }

  async function all<T>(path: string, filter: Readonly<Record<string, string>> = {}): Promise<readonly T[]> {
    const items: T[] = []
    let cursor: string | undefined
    do {
      const page = await request<WireList<T>>('GET', `${path}${query({ ...filter, limit: LIST_LIMIT, cursor })}`)
      items.push(...page.items)
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    return items
  }

  return {
    session: () => request('GET', '/session'),
    enter: (code) => request('POST', '/session', { code }),
    leave: () => request('DELETE', '/session'),
    devices: () => all('/devices'),
    openAlerts: () => all('/alerts', { state: 'active,returned' }),
    alerts: async (filter) => (await request<WireList<WireAlert>>('GET', `/alerts${query(filter)}`)).items,
    alert: (id) => request('GET', `/alerts/${encodeURIComponent(id)}`),
    acknowledge: (id) => request('POST', `/alerts/${encodeURIComponent(id)}/acknowledge`, {}),
    readings: (question) => request('GET', `/readings${query({ limit: READINGS_LIMIT, ...question })}`),
    ledger: () => request('GET', '/ledger'),
    rejections: async (limit) =>
      (await request<WireList<WireRejection>>('GET', `/rejections${query({ limit })}`)).items,
  }
}
