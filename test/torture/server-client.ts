/** The few HTTP calls that tests make with the administrator's token. */

import { readFileSync } from 'node:fs'

export interface ServerClient {
  register(devices: readonly (string | Record<string, unknown>)[]): Promise<{ id: string; token: string }[]>
  ledger(
    query?: string,
  ): Promise<Record<'received' | 'stored' | 'partial' | 'duplicate' | 'rejected' | 'inFlight', number>>
  /** All values of a channel in time order. Times are epoch milliseconds. */
  values(device: string, channel: string, from: number, to: number): Promise<number[]>
  points(query: string): Promise<[string, number, string[]][]>
  get(path: string): Promise<unknown>
  post(path: string, body: unknown): Promise<Response>
}

export function createServerClient(http: string, dataDir: string): ServerClient {
  const token = readFileSync(`${dataDir}/admin.token`, 'utf8').trim()
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    return fetch(`${http}${path}`, { ...init, headers })
  }
  const get = async (path: string): Promise<unknown> => {
    const response = await call(path)
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  const points = async (query: string) => {
    const all: [string, number, string[]][] = []
    let cursor: string | null = null
    do {
      const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page = (await get(`/api/v1/readings?${query}${next}`)) as {
        points: [string, number, string[]][]
        next: string | null
      }
      all.push(...page.points)
      cursor = page.next
    } while (cursor !== null)
    return all
  }
  return {
    get,
    points,
    post: (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) }),
    async register(devices) {
      const body = devices.map((device) => (typeof device === 'string' ? { id: device } : device))
      const response = await call('/api/v1/devices', { method: 'POST', body: JSON.stringify(body) })
      if (response.status !== 201) throw new Error(`POST /devices: ${response.status} ${await response.text()}`)
      return ((await response.json()) as { items: { id: string; token: string }[] }).items
    },
    ledger: async (query = '') => (await get(`/api/v1/ledger${query}`)) as Awaited<ReturnType<ServerClient['ledger']>>,
    values: async (device, channel, from, to) =>
      (await points(`device=${device}&channel=${channel}&from=${from}&to=${to}`)).map(([, value]) => value),
  }
}
