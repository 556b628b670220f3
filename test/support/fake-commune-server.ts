/** Serves the built page and the API's JSON and live stream for a made-up commune, under the security policy the page must live with. */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { FlagName } from '../../libs/core/reading.ts'
import type { WireAlert, WireDevice, WireLedger } from '../../services/dashboard/wire/wire.ts'
import type { FakeAlertFacts, FakeStation } from './fake-commune.ts'
import { FAKE_LEDGER, fakeAlert, fakeArrival, fakeDevice, fakeHistory, fakeRejections } from './fake-commune.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const EVERY_MS: Readonly<Record<string, number>> = { '3m': 180_000, '15m': 900_000 }
/** As strict as the real one, and no data: URIs. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"
const CODE = 'one-time-code'

export interface FakeCommuneServer {
  readonly url: string
  /** The link that lets a browser in, once. */
  readonly link: string
  /** Streams open now. */
  readonly streams: () => number
  publish(device: string, channel: string, given?: { value?: number | boolean; flags?: readonly FlagName[] }): void
  openAlert(facts: Omit<FakeAlertFacts, 'openedAt'> & { openedAt?: number }): void
  changeAlert(id: string, change: Partial<WireAlert>): void
  changeDevice(id: string, change: Partial<WireDevice>): void
  setLedger(ledger: WireLedger): void
  /** While away every request fails and every stream is cut, as when the server is gone. */
  setAway(away: boolean): void
  /** The next acknowledgement answers this status instead. */
  failAcknowledge(status: 409 | 503): void
  close(): Promise<void>
}

export interface FakeCommuneServerOptions {
  /** Folder of the built page. */
  readonly root: string
  readonly stations: readonly FakeStation[]
  readonly now?: () => number
}

export async function startFakeCommuneServer(options: FakeCommuneServerOptions): Promise<FakeCommuneServer> {
  const now = options.now ?? Date.now
  const devices = new Map(options.stations.map((station) => [station.id, fakeDevice(station, now())]))
  const alerts = new Map<string, WireAlert>()
  const streams = new Set<ServerResponse>()
  const iso = (): string => new Date(now()).toISOString()
  let ledger = FAKE_LEDGER
  let entered = false
  let away = false
  let failing: 409 | 503 | null = null
  let eventId = 0

  function emit(type: string, body: unknown): void {
    eventId += 1
    for (const stream of streams) stream.write(`id: ${eventId}\nevent: ${type}\ndata: ${JSON.stringify(body)}\n\n`)
  }

  function changeAlert(id: string, change: Partial<WireAlert>): WireAlert | undefined {
    const known = alerts.get(id)
    if (known === undefined) return undefined
    const next = { ...known, ...change }
    alerts.set(id, next)
    emit('alert', next)
    return next
  }

  const json = (
    response: ServerResponse,
    status: number,
    body?: unknown,
    headers: Record<string, string> = {},
  ): void => {
    response.writeHead(status, {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
      ...headers,
    })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
  const problem = (response: ServerResponse, status: number, code: string, detail: string): void =>
    json(response, status, { type: 'about:blank', title: code, status, code, detail })

  async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
    let text = ''
    for await (const part of request) text += String(part)
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  }

  async function session(request: IncomingMessage, response: ServerResponse, known: boolean): Promise<void> {
    const answer = { name: 'admin', role: 'admin', expiresAt: new Date(now() + 7 * 86_400_000).toISOString() }
    if (request.method === 'POST') {
      const { code } = await bodyOf(request)
      if (code !== CODE || entered)
        return problem(response, 401, 'KENG_AUTH_CODE', 'the code is wrong, used or expired')
      entered = true
      return json(response, 201, answer, { 'set-cookie': 'keng=in; HttpOnly; SameSite=Strict; Path=/' })
    }
    if (request.method === 'DELETE') return json(response, 204, undefined, { 'set-cookie': 'keng=; Max-Age=0; Path=/' })
    if (!known) return problem(response, 401, 'KENG_AUTH_REQUIRED', 'log in')
    json(response, 200, answer)
  }

  function acknowledge(response: ServerResponse, id: string): void {
    const status = failing
    failing = null
    if (!alerts.has(id)) problem(response, 404, 'KENG_ALERT_UNKNOWN', 'no such alert')
    else if (status === 503) problem(response, 503, 'KENG_LOG_UNAVAILABLE', 'the disk is full: make room')
    else if (status === 409) {
      changeAlert(id, { acknowledged: { by: 'chi-lan', at: iso() } })
      problem(response, 409, 'KENG_ALERT_STATE', 'chi-lan has acknowledged it')
    } else json(response, 200, changeAlert(id, { acknowledged: { by: 'admin', at: iso() } }))
  }

  async function api(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    search: URLSearchParams,
  ): Promise<void> {
    const known = request.headers.cookie?.includes('keng=in') === true
    if (path === '/session') return session(request, response, known)
    if (!known) return problem(response, 401, 'KENG_AUTH_REQUIRED', 'log in')
    const action = /^\/alerts\/([^/]+)(\/acknowledge)?$/.exec(path)
    if (action?.[1] !== undefined)
      return action[2] === undefined ? json(response, 200, alerts.get(action[1])) : acknowledge(response, action[1])
    if (path === '/devices') return json(response, 200, { items: [...devices.values()], next: null })
    if (path === '/alerts') {
      const states = search.get('state')?.split(',')
      const device = search.get('device')
      const items = [...alerts.values()].filter(
        (alert) => (states?.includes(alert.state) ?? true) && (device === null || alert.device === device),
      )
      return json(response, 200, { items, next: null })
    }
    if (path === '/readings') {
      const device = search.get('device') ?? ''
      const channel = search.get('channel') ?? ''
      const every = EVERY_MS[search.get('every') ?? ''] ?? 0
      const points = fakeHistory(
        device,
        channel,
        // Measured for eight days: nothing is older.
        Math.max(Date.parse(search.get('from') ?? ''), now() - 8 * 86_400_000),
        search.has('to') ? Date.parse(search.get('to') ?? '') : now(),
        every,
        search.get('fn') ?? 'mean',
      )
      return json(response, 200, {
        device,
        channel,
        unit: channel === 'irrigation.valve' ? 'bool' : null,
        points,
        next: null,
      })
    }
    if (path === '/ledger') return json(response, 200, ledger)
    if (path === '/rejections') return json(response, 200, { items: fakeRejections(now()), next: null })
    if (path !== '/live') return problem(response, 404, 'KENG_HTTP_ROUTE', path)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(`retry: 200\n\nid: ${eventId}\nevent: reset\ndata: {"reason":"new"}\n\n`)
    streams.add(response)
    request.on('close', () => streams.delete(response))
  }

  async function page(response: ServerResponse, path: string): Promise<void> {
    const file = normalize(path === '/' ? '/index.html' : path)
    const body = await readFile(join(options.root, file)).catch(() => null)
    if (body === null) return problem(response, 404, 'KENG_HTTP_ROUTE', path)
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': PAGE_POLICY,
    })
    response.end(body)
  }

  const server = createServer((request, response) => {
    if (away) return void request.socket.destroy()
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://page')
    const served = pathname.startsWith('/api/v1')
      ? api(request, response, pathname.slice(7), searchParams)
      : page(response, pathname)
    served.catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  return {
    url,
    link: `${url}#enter=${CODE}`,
    streams: () => streams.size,
    publish: (device, channel, given) => emit('reading', fakeArrival(device, channel, now(), given)),
    openAlert(facts) {
      const alert = fakeAlert({ openedAt: now(), ...facts })
      alerts.set(alert.id, alert)
      emit('alert', alert)
    },
    changeAlert: (id, change) => void changeAlert(id, change),
    changeDevice(id, change) {
      const known = devices.get(id)
      if (known === undefined) return
      devices.set(id, { ...known, ...change })
      emit('device', devices.get(id))
    },
    setLedger(next) {
      ledger = next
    },
    setAway(next) {
      away = next
      if (!away) return
      for (const stream of streams) stream.destroy()
      streams.clear()
    },
    failAcknowledge(status) {
      failing = status
    },
    async close() {
      for (const stream of streams) stream.destroy()
      server.close()
      server.closeAllConnections()
      await once(server, 'close').catch(() => undefined)
    },
  }
}
