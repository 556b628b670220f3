/** Makes sure that simulated devices are in the server's registry, and that their tokens are known here. */

import type { DeviceEntry } from '../../libs/core/device.ts'
import { KengError } from '../../libs/core/errors.ts'
import type { ServerClient } from '../../libs/runtime/server-client.ts'
import type { TokenFile } from './token-file.ts'

/** A body of `POST /api/v1/devices`; without a cell the installation's default. */
export type DeviceRegistration = Omit<DeviceEntry, 'cell'> & { readonly cell?: string }

const DEVICES = '/api/v1/devices'
/** Devices registered in one request, all or none, and tokens renewed before the file is written. */
const TOGETHER = 500
const NAMED_IN_ERRORS = 5

interface Known {
  readonly simulated: boolean
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

async function knownDevices(server: ServerClient): Promise<ReadonlyMap<string, Known>> {
  const known = new Map<string, Known>()
  for await (const device of server.list(DEVICES)) {
    if (isObject(device) && typeof device.id === 'string')
      known.set(device.id, { simulated: device.simulated === true })
  }
  return known
}

/** Device and token out of the server's answers. */
function tokensIn(issued: readonly unknown[]): Map<string, string> {
  const tokens = new Map<string, string>()
  for (const entry of issued) {
    if (isObject(entry) && typeof entry.id === 'string' && typeof entry.token === 'string')
      tokens.set(entry.id, entry.token)
  }
  return tokens
}

async function create(server: ServerClient, devices: readonly DeviceRegistration[]): Promise<Map<string, string>> {
  const answer = await server.post(DEVICES, devices)
  return tokensIn(isObject(answer) && Array.isArray(answer.items) ? answer.items : [])
}

/**
 * Resolves with a token for every device. What is registered and has its token in the file is used as it is; what is
 * missing is registered. A simulated device whose token is lost gets a new one, which ends the old one. A device that is
 * not simulated is never touched: KENG_SIMULATE_DEVICE_TAKEN.
 */
export async function registerDevices(
  server: ServerClient,
  file: TokenFile,
  devices: readonly DeviceRegistration[],
): Promise<ReadonlyMap<string, string>> {
  const known = await knownDevices(server)
  const lost = devices.filter(({ id }) => known.has(id) && file.get(id) === undefined)
  const taken = lost.filter(({ id, simulated }) => known.get(id)?.simulated !== true || simulated !== true)
  if (taken.length > 0) {
    const named = taken.slice(0, NAMED_IN_ERRORS).map(({ id }) => id)
    throw new KengError(
      'KENG_SIMULATE_DEVICE_TAKEN',
      `${named.join(', ')}${taken.length > named.length ? ` and ${taken.length - named.length} more` : ''}: registered, and no token is known here`,
    )
  }
  // The file is written after every so many answers, and not only at the end: a token is shown once.
  for (let start = 0; start < lost.length; start += TOGETHER) {
    const issued: unknown[] = []
    for (const { id } of lost.slice(start, start + TOGETHER)) {
      issued.push(await server.post(`${DEVICES}/${encodeURIComponent(id)}/token`))
    }
    file.add(tokensIn(issued))
  }
  const missing = devices.filter(({ id }) => !known.has(id))
  for (let start = 0; start < missing.length; start += TOGETHER) {
    file.add(await create(server, missing.slice(start, start + TOGETHER)))
  }
  return new Map(
    devices.map(({ id }) => {
      const token = file.get(id)
      if (token === undefined) throw new KengError('KENG_CLIENT_REFUSED', `the server gave no token for ${id}`)
      return [id, token]
    }),
  )
}
