/** What a schema cannot say about devices: ids twice, gateways that are not there, time zones that do not exist. */

import type { Fault } from './invalid-request.ts'
import type { DeviceBody, DeviceChange } from './schemas/device-schema.ts'

/** Faults of devices that come together; `known` says whether a device is registered already. */
export function deviceFaults(bodies: readonly DeviceBody[], isArray: boolean, known: (id: string) => boolean): Fault[] {
  const ids = new Set<string>()
  const all = new Set(bodies.map(({ id }) => id))
  return bodies.flatMap((body, index) => {
    const path = isArray ? `/body/${index}` : '/body'
    const twice = ids.has(body.id) ? [{ path: `${path}/id`, message: `is there twice: ${body.id}` }] : []
    ids.add(body.id)
    return [...twice, ...changeFaults(path, body.id, body, (id) => all.has(id) || known(id))]
  })
}

export function changeFaults(path: string, id: string, change: DeviceChange, known: (id: string) => boolean): Fault[] {
  const faults: Fault[] = []
  const { gateway, timeZone } = change
  if (gateway === id) faults.push({ path: `${path}/gateway`, message: 'is the device itself' })
  else if (gateway !== undefined && !known(gateway)) {
    faults.push({ path: `${path}/gateway`, message: `is not registered: ${gateway}` })
  }
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    faults.push({ path: `${path}/timeZone`, message: `is no IANA time zone: ${timeZone}` })
  }
  return faults
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
