/** Makes sure that simulated devices are in the server's registry, and that their tokens are known here. */

import type { DeviceEntry } from '../../libs/core/device.ts'
import { KengError } from '../../libs/core/errors.ts'
import type { ApiClient } from './api-client.ts'
import type { TokenFile } from './token-file.ts'

/** A body of `POST /api/v1/devices`; without a cell the installation's default. */
export type DeviceRegistration = Omit<DeviceEntry, 'cell'> & { readonly cell?: string }

const PAGE = 1000
/** Registered in one request; all or none. */
const TOGETHER = 500
const NAMED_IN_ERRORS = 5

interface Known {
  readonly simulated: boolean
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function itemsOf(answer: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!isObject(answer) || !Array.isArray(answer.items)) {
    throw new KengError('KENG_CLIENT_REFUSED', '/api/v1/devices answered without items')
  }
  return answer.items.filter(isObject)
}

async function listDevices(api: ApiClient): Promise<Map<string, Known>> {
  const known = new Map<string, Known>()
  let cursor: string | null = null
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer = await api.request('GET', `/api/v1/devices?limit=${PAGE}${after}`)
    for (const { id, simulated } of itemsOf(answer)) {
      if (typeof id === 'string') known.set(id, { simulated: simulated === true })
    }
    cursor = isObject(answer) && typeof answer.next === 'string' ? answer.next : null
  } while (cursor !== null)
  return known
}

async function create(api: ApiClient, devices: readonly DeviceRegistration[]): Promise<Map<string, string>> {
  const tokens = new Map<string, string>()
  for (const { id, token } of itemsOf(await api.request('POST', '/api/v1/devices', devices))) {
    if (typeof id === 'string' && typeof token === 'string') tokens.set(id, token)
  }
  return tokens
}

/**
 * Resolves with a token for every device. What is registered and has its token in the file is used as it is; what is
 * missing is registered. A simulated device whose token is lost is removed and registered again: its readings stay,
 * they are kept by device id. A device that is not simulated is never touched: KENG_SIMULATE_DEVICE_TAKEN.
 */
export async function registerDevices(
  api: ApiClient,
  file: TokenFile,
  devices: readonly DeviceRegistration[],
): Promise<ReadonlyMap<string, string>> {
  const known = await listDevices(api)
  const lost = devices.filter(({ id }) => known.has(id) && file.get(id) === undefined)
  const taken = lost.filter(({ id, simulated }) => known.get(id)?.simulated !== true || simulated !== true)
  if (taken.length > 0) {
    const named = taken.slice(0, NAMED_IN_ERRORS).map(({ id }) => id)
    throw new KengError(
      'KENG_SIMULATE_DEVICE_TAKEN',
      `${named.join(', ')}${taken.length > named.length ? ` and ${taken.length - named.length} more` : ''}: registered, and no token is known here`,
    )
  }
  for (const { id } of lost) await api.request('DELETE', `/api/v1/devices/${encodeURIComponent(id)}`)
  const again = new Set(lost.map(({ id }) => id))
  const missing = devices.filter(({ id }) => !known.has(id) || again.has(id))
  for (let start = 0; start < missing.length; start += TOGETHER) {
    // Written after each request: a token is shown once.
    file.add(await create(api, missing.slice(start, start + TOGETHER)))
  }
  return new Map(
    devices.map(({ id }) => {
      const token = file.get(id)
      if (token === undefined) throw new KengError('KENG_CLIENT_REFUSED', `the server gave no token for ${id}`)
      return [id, token]
    }),
  )
}
