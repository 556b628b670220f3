/** The registry without a database: devices in memory, every change a record of `keng.registry.v1` (architecture, decision 13). */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { DeviceEntry } from '../../core/device.ts'
import { KengError } from '../../core/errors.ts'
import { appendDurably } from '../../core/log/append-durably.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventLog, NewRecord } from '../../ports/event-log.ts'
import type { DeviceCredentials, IssuedToken, Registry } from '../../ports/registry.ts'

export interface LogRegistryDeps {
  readonly log: EventLog
  readonly clock: Clock
  /** Key of the HMAC over tokens; kept outside the log. */
  readonly tokenKey: Buffer
  /** Told after a change is durable, before the change resolves: the raw log must hear of it in order. */
  readonly onChange: (entry: DeviceEntry | { readonly id: string; readonly deleted: true }) => Promise<void>
  /** Told when a device's token no longer holds. */
  readonly onRevoked: (device: string) => void
}

interface Kept {
  readonly entry: DeviceEntry
  /** HMAC-SHA-256 of the token, base64. Not argon2: a reconnect storm logs thousands in at once, and a token has 128 random bits. */
  readonly tokenHash: string
}

export interface LogRegistry extends Registry, DeviceCredentials {}

const TOPIC = 'keng.registry.v1'
const keyOf = (id: string): string => `device:${id}`

/** Reads the whole topic first: resolves when what was registered before is there. */
export async function openLogRegistry({
  log,
  clock,
  tokenKey,
  onChange,
  onRevoked,
}: LogRegistryDeps): Promise<LogRegistry> {
  const devices = new Map<string, Kept>()
  let sorted: readonly DeviceEntry[] | null = null
  let lastTime = 0

  await log.read(TOPIC, ({ key, value, time }) => {
    lastTime = Math.max(lastTime, time)
    const id = key.slice(keyOf('').length)
    if (value === null) devices.delete(id)
    else devices.set(id, JSON.parse(Buffer.from(value).toString('utf8')) as Kept)
  })

  const hash = (token: string): Buffer => createHmac('sha256', tokenKey).update(token).digest()
  const noDevice = Buffer.alloc(32)

  const store = async (changes: readonly (readonly [id: string, kept: Kept | null])[]): Promise<void> => {
    lastTime = Math.max(lastTime, clock.now())
    const records = changes.map(
      ([id, kept]): NewRecord => ({
        key: keyOf(id),
        time: lastTime,
        value: kept === null ? null : Buffer.from(JSON.stringify(kept)),
      }),
    )
    await appendDurably(log, TOPIC, records)
    for (const [id, kept] of changes) {
      if (kept === null) devices.delete(id)
      else devices.set(id, kept)
    }
    sorted = null
    for (const [id, kept] of changes) await onChange(kept?.entry ?? { id, deleted: true })
  }

  const known = (id: string): Kept => {
    const kept = devices.get(id)
    if (kept === undefined) throw new KengError('KENG_REGISTRY_UNKNOWN', `no device ${id}`)
    return kept
  }

  /** One change at a time: what is checked must still hold when it is written. */
  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => {})
    return result
  }

  return {
    create: (entries, tokens) =>
      inTurn(async () => {
        const seen = new Set<string>()
        const taken = entries.filter(({ id }) => devices.has(id) || seen.size === seen.add(id).size)
        if (taken.length > 0)
          throw new KengError(
            'KENG_REGISTRY_EXISTS',
            taken
              .map(({ id }) => id)
              .slice(0, 10)
              .join(', '),
          )
        const issued = entries.map(({ id }): IssuedToken => ({ id, token: tokens?.get(id) ?? newToken() }))
        await store(
          entries.map((entry, at) => [
            entry.id,
            { entry, tokenHash: hash(issued[at]?.token ?? '').toString('base64') },
          ]),
        )
        return issued
      }),
    update: (id, change) =>
      inTurn(async () => {
        const kept = known(id)
        const entry = { ...kept.entry, ...change }
        await store([[id, { ...kept, entry }]])
        return entry
      }),
    remove: (id) =>
      inTurn(async () => {
        known(id)
        await store([[id, null]])
        onRevoked(id)
      }),
    rotate: (id) =>
      inTurn(async () => {
        const kept = known(id)
        const token = newToken()
        await store([[id, { ...kept, tokenHash: hash(token).toString('base64') }]])
        onRevoked(id)
        return { id, token }
      }),
    get: (id) => devices.get(id)?.entry,
    list: () => {
      sorted ??= [...devices.values()].map(({ entry }) => entry).sort((a, b) => (a.id < b.id ? -1 : 1))
      return sorted
    },
    verify: (id, token) => {
      const kept = devices.get(id)
      const expected = kept === undefined ? noDevice : Buffer.from(kept.tokenHash, 'base64')
      return timingSafeEqual(hash(token), expected) && kept !== undefined
    },
  }
}

/** 128 random bits, as text that needs no escaping anywhere. */
const newToken = (): string => randomBytes(16).toString('base64url')
