/** Answers the device routes of the HTTP API from memory, for programs that only need to be registered. */

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Cleanup } from './cleanup.ts'

interface Entry {
  readonly id: string
  readonly simulated?: boolean
  readonly name?: string
}

export interface RegistryStandIn {
  readonly url: string
  readonly adminToken: string
  readonly devices: Map<string, Entry>
  /** Tokens as issued last. */
  readonly tokens: Map<string, string>
  /** Methods and paths in order. */
  readonly requests: string[]
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const part of request) text += String(part)
  return text === '' ? undefined : JSON.parse(text)
}

export async function startRegistryStandIn(t: Cleanup, pageSize = 1000): Promise<RegistryStandIn> {
  const devices = new Map<string, Entry>()
  const tokens = new Map<string, string>()
  const requests: string[] = []
  const adminToken = 'admin-of-this-test'
  let issued = 0

  const answer = async (request: IncomingMessage): Promise<{ status: number; body?: unknown }> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const body = await bodyOf(request)
    requests.push(`${request.method} ${url.pathname}`)
    if (request.headers.authorization !== `Bearer ${adminToken}`)
      return { status: 401, body: { code: 'KENG_AUTH', title: 'not logged in' } }
    if (request.method === 'GET') {
      const after = url.searchParams.get('cursor') ?? ''
      const ids = [...devices.keys()].sort().filter((id) => id > after)
      const page = ids.slice(0, pageSize)
      return {
        status: 200,
        body: { items: page.map((id) => devices.get(id)), next: ids.length > pageSize ? page.at(-1) : null },
      }
    }
    const rotated = /^\/api\/v1\/devices\/([^/]+)\/token$/.exec(url.pathname)?.[1]
    if (rotated !== undefined) {
      if (!devices.has(rotated)) return { status: 404 }
      const token = `token-${++issued}`
      tokens.set(rotated, token)
      return { status: 201, body: { id: rotated, token } }
    }
    const entries = (Array.isArray(body) ? body : [body]) as Entry[]
    const taken = entries.find(({ id }) => devices.has(id))
    if (taken !== undefined)
      return { status: 409, body: { code: 'KENG_REGISTRY_EXISTS', detail: `${taken.id} exists` } }
    const items = entries.map((entry) => {
      const token = `token-${++issued}`
      devices.set(entry.id, entry)
      tokens.set(entry.id, token)
      return { id: entry.id, token }
    })
    return { status: 201, body: { items } }
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body === undefined ? '' : JSON.stringify(body))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, adminToken, devices, tokens, requests }
}
