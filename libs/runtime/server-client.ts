/** Asks a running server over its HTTP interface, as the command line and the simulators do. */

import { KengError } from '../core/errors.ts'

export interface ServerClientOptions {
  /** `http://127.0.0.1:8080`, without a slash at the end. */
  readonly baseUrl: string
  /** Bearer token; asked for at each request, so that a rotated one counts. */
  readonly token: () => string
}

export type Query = Readonly<Record<string, string | number | undefined>>

/**
 * Answers are the parsed JSON, or undefined for 204. Errors: KENG_CLIENT_UNREACHABLE, KENG_CLIENT_LOGIN for a refused token,
 * KENG_CLIENT_REFUSED with the server's own code and words.
 */
export interface ServerClient {
  get(path: string, query?: Query): Promise<unknown>
  post(path: string, body?: unknown): Promise<unknown>
  /** All items of a list, page by page. */
  list(path: string, query?: Query): AsyncIterable<unknown>
}

const PAGE_LIMIT = 1_000
const TIMEOUT_MS = 30_000

export function createServerClient({ baseUrl, token }: ServerClientOptions): ServerClient {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        authorization: `Bearer ${token()}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new KengError('KENG_CLIENT_UNREACHABLE', `${baseUrl} (${reasonOf(cause)})`, { cause })
    })
    const text = await response.text()
    if (!response.ok) throw refusal(response.status, text, `${method} ${path}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  const get = (path: string, query: Query = {}) => ask('GET', withQuery(path, query))
  return {
    get,
    post: (path, body) => ask('POST', path, body),
    async *list(path, query = {}) {
      let cursor: string | undefined
      do {
        const page = (await get(path, { limit: PAGE_LIMIT, ...query, cursor })) as {
          items: unknown[]
          next: string | null
        }
        yield* page.items
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
    },
  }
}

function withQuery(path: string, query: Query): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) given.set(name, String(value))
  }
  return given.size === 0 ? path : `${path}?${given}`
}

interface Problem {
  readonly code?: string
  readonly detail?: string
  readonly title?: string
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
}

function refusal(status: number, text: string, request: string): KengError {
  const problem = parseProblem(text)
  if (status === 401) return new KengError('KENG_CLIENT_LOGIN', `${request} was answered 401`)
  const faults = problem.errors?.map(({ path, message }) => `${path} ${message}`).join('; ')
  const said = [problem.code, problem.detail ?? problem.title, faults].filter(Boolean).join(': ')
  return new KengError('KENG_CLIENT_REFUSED', `${request} was answered ${status} ${said}`.trimEnd())
}

function parseProblem(text: string): Problem {
  try {
    return (JSON.parse(text) ?? {}) as Problem
  } catch {
    return {}
  }
}

/** fetch hides why it failed in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return (cause as NodeJS.ErrnoException).code ?? (cause instanceof Error ? cause.message : String(cause))
}
