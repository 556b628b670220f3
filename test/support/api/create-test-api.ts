/** An api on ports in memory, with a clock that stands still. */

import type { InjectOptions, Response } from 'light-my-request'

import type { AlertTransition } from '../../../libs/core/alarm/alert.ts'
import { appendDurably } from '../../../libs/core/log/append-durably.ts'
import { createSilentLogger } from '../../../libs/runtime/logger.ts'
import { createMetrics } from '../../../libs/runtime/metrics.ts'
import { createVirtualClock } from '../../../libs/runtime/virtual-clock.ts'
import type { ApiDeps, ApiOptions, PartReadiness } from '../../../services/api/api-deps.ts'
import { createApi } from '../../../services/api/api-service.ts'
import type { Cleanup } from '../cleanup.ts'
import { createArrayLog } from './array-log.ts'
import { createCannedPipeline, createSentReadings } from './canned-pipeline.ts'
import { checkAnswers } from './check-answers.ts'
import { createMapRegistry } from './map-registry.ts'

export const NOW = Date.parse('2026-11-22T05:00:00Z')
export const ADMIN = 'admin-token-of-the-test'
export const AS_ADMIN = { authorization: `Bearer ${ADMIN}` }

export type TestApi = ReturnType<typeof createTestApi>

export function createTestApi(t: Cleanup, options: Partial<ApiOptions> = {}, changes: Partial<ApiDeps> = {}) {
  const log = createArrayLog()
  const registry = createMapRegistry()
  const pipeline = createCannedPipeline()
  const live = createSentReadings()
  const clock = createVirtualClock(NOW)
  const meters = createMetrics()
  const accepted: { device: string; payload: Uint8Array }[] = []
  const parts: Record<string, PartReadiness> = { log: { ready: true, detail: 'ok' } }
  const deps: ApiDeps = {
    log,
    registry,
    credentials: registry,
    pipeline,
    live,
    clock,
    meters,
    logger: createSilentLogger(),
    intake: {
      async accept(device, payload) {
        accepted.push({ device, payload })
      },
    },
    metrics: () => meters.text(),
    readiness: async () => parts,
    secrets: { adminToken: () => ADMIN, sessionKey: Buffer.from('a key of the test') },
    ...changes,
  }
  const api = createApi(deps, { host: '127.0.0.1', port: 0, ...options })
  checkAnswers(api.app)
  t.onTestFinished(() => api.stop())
  const inject = (request: InjectOptions): Promise<Response> => api.app.inject(request)

  return {
    ...deps,
    log,
    registry,
    pipeline,
    live,
    clock,
    accepted,
    parts,
    api,
    /** Asks as the admin unless `headers` says otherwise. */
    ask: (request: InjectOptions): Promise<Response> =>
      inject({ ...request, headers: { host: '127.0.0.1', ...AS_ADMIN, ...request.headers } }),
    /** Asks with these headers and no others. */
    askBare: (request: InjectOptions): Promise<Response> =>
      inject({ ...request, headers: { host: '127.0.0.1', ...request.headers } }),
    /** Logs in with a code; resolves with the Cookie header. */
    async logIn(): Promise<string> {
      const response = await inject({
        method: 'POST',
        url: '/api/v1/session',
        headers: { host: '127.0.0.1' },
        payload: { code: api.issueCode() },
      })
      return String(response.headers['set-cookie']).split(';')[0] ?? ''
    },
    /** Appends transitions as the alarm engine would. */
    transitions: (...transitions: readonly AlertTransition[]): Promise<number> =>
      appendDurably(
        log,
        'keng.alerts.v1',
        transitions.map((transition) => ({
          key: 'default',
          time: NOW,
          value: Buffer.from(JSON.stringify(transition)),
        })),
      ),
  }
}
