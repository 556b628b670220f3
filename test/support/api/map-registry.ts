/** A registry in a map, durable at once. */

import type { DeviceEntry } from '../../../libs/core/device.ts'
import { KengError } from '../../../libs/core/errors.ts'
import type { DeviceCredentials, Registry } from '../../../libs/ports/registry.ts'

export function createMapRegistry(): Registry & DeviceCredentials {
  const devices = new Map<string, { readonly entry: DeviceEntry; readonly token: string }>()

  const known = (id: string) => {
    const kept = devices.get(id)
    if (kept === undefined) throw new KengError('KENG_REGISTRY_UNKNOWN', id)
    return kept
  }

  return {
    async create(entries, tokens) {
      const taken = entries.find(({ id }) => devices.has(id))
      if (taken !== undefined) throw new KengError('KENG_REGISTRY_EXISTS', taken.id)
      return entries.map((entry) => {
        const token = tokens?.get(entry.id) ?? `token-of-${entry.id}`
        devices.set(entry.id, { entry, token })
        return { id: entry.id, token }
      })
    },
    async update(id, change) {
      const kept = known(id)
      const entry = { ...kept.entry, ...change }
      devices.set(id, { ...kept, entry })
      return entry
    },
    async remove(id) {
      known(id)
      devices.delete(id)
    },
    async rotate(id) {
      const kept = known(id)
      const token = `next-${kept.token}`
      devices.set(id, { ...kept, token })
      return { id, token }
    },
    get: (id) => devices.get(id)?.entry,
    list: () => [...devices.values()].map(({ entry }) => entry).sort((a, b) => (a.id < b.id ? -1 : 1)),
    verify: (id, token) => devices.get(id)?.token === token,
  }
}
