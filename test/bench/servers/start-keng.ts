/** Starts the built server on a fresh data folder, everything switched on, and asks it what it stored. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { LedgerSum } from '../../../libs/core/ledger.ts'
import type { Cleanup } from '../../support/cleanup.ts'
import { type SpawnOptions, spawnKeng } from '../../support/spawn-keng.ts'
import type { LoadDevice } from '../load/load-options.ts'
import type { BenchServer } from './bench-server.ts'

/** `POST /api/v1/devices` takes so many at once. */
const DEVICES_AT_ONCE = 1_000

export interface KengServer extends BenchServer {
  readonly name: 'keng'
  readonly dataDir: string
  /** Base address without a slash at the end. */
  readonly http: string
  readonly adminToken: string
}

export async function startKeng(t: Cleanup, options: Partial<SpawnOptions> = {}): Promise<KengServer> {
  const keng = await spawnKeng(t, { ...options, env: { KENG_LOG_LEVEL: 'warn', ...options.env } })
  const { http, mqtt, pid } = keng.ready
  const adminToken = readFileSync(join(keng.dataDir, 'admin.token'), 'utf8').trim()
  let named = 0

  const ask = async <T>(path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${http}${path}`, {
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }
  const ledger = (device?: string) =>
    ask<LedgerSum>(`/api/v1/ledger${device === undefined ? '' : `?device=${encodeURIComponent(device)}`}`)

  return {
    name: 'keng',
    pid,
    port: Number(new URL(mqtt).port),
    dataDir: keng.dataDir,
    http,
    adminToken,
    async devices(count) {
      const made: LoadDevice[] = []
      while (made.length < count) {
        const entries = Array.from({ length: Math.min(DEVICES_AT_ONCE, count - made.length) }, () => ({
          id: `bench-${String(named++).padStart(6, '0')}`,
          expectedIntervalSeconds: 60,
        }))
        const { items } = await ask<{ items: LoadDevice[] }>('/api/v1/devices', entries)
        made.push(...items)
      }
      return made
    },
    async counts() {
      const { inFlight, stored, partial, duplicate, rejected } = await ledger()
      return { stored, otherwise: partial + duplicate + rejected, inFlight }
    },
    storedOf: async (device) => (await ledger(device)).stored,
    async stop() {
      await keng.kill('SIGTERM')
    },
  }
}
