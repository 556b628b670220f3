/** The few calls to the server's HTTP API that a simulator makes, as any program would. */

import { KengError } from '../../libs/core/errors.ts'

export interface ApiClient {
  /** Resolves with the decoded JSON, or undefined for 204. Errors: KENG_CLIENT_UNREACHABLE, KENG_CLIENT_LOGIN, KENG_CLIENT_REFUSED. */
  request(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>
}

const TIMEOUT_MS = 30_000
const LONGEST_QUOTE = 500

/** What problem+json says, or the first of whatever came. */
function reason(text: string): string {
  try {
    const problem: unknown = JSON.parse(text)
    if (typeof problem === 'object' && problem !== null) {
      const said = ['code', 'detail', 'title'].flatMap((key) => {
        const part: unknown = Reflect.get(problem, key)
        return typeof part === 'string' ? [part] : []
      })
      if (said.length > 0) return said.join(': ').slice(0, LONGEST_QUOTE)
    }
  } catch {
    // Not JSON: some proxy's page; its first words are what there is to show.
  }
  return text.slice(0, LONGEST_QUOTE)
}

export function createApiClient(httpUrl: string, token: string): ApiClient {
  return {
    async request(method, path, body) {
      const url = new URL(path, httpUrl)
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      }
      let status: number
      let text: string
      try {
        const response = await fetch(url, {
          method,
          headers,
          signal: AbortSignal.timeout(TIMEOUT_MS),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        status = response.status
        text = await response.text()
      } catch (cause) {
        throw new KengError('KENG_CLIENT_UNREACHABLE', `${method} ${url.href} got no answer`, { cause })
      }
      const asked = `${method} ${url.pathname} answered ${status}`
      if (status === 401 || status === 403) throw new KengError('KENG_CLIENT_LOGIN', `${asked} (${reason(text)})`)
      if (status < 200 || status > 299) throw new KengError('KENG_CLIENT_REFUSED', `${asked} (${reason(text)})`)
      if (status === 204 || text === '') return undefined
      try {
        return JSON.parse(text)
      } catch (cause) {
        throw new KengError('KENG_CLIENT_REFUSED', `${asked} with something that is not JSON`, { cause })
      }
    },
  }
}
