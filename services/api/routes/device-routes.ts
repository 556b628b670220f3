/** The registry's devices, with their latest values. */

import { Type } from 'typebox'
import { DEFAULT_CELL, type DeviceEntry } from '../../../libs/core/device.ts'
import { KengError } from '../../../libs/core/errors.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { changeFaults, deviceFaults } from '../device-faults.ts'
import { InvalidRequest } from '../invalid-request.ts'
import { answers, CLOSED, DEFAULT_LIMIT, ID_PARAMS, NOTHING, PAGE_QUERY } from '../schemas/answers.ts'
import { Device, DeviceBodies, DeviceChange, DeviceList, IssuedToken, IssuedTokens } from '../schemas/device-schema.ts'
import type { TypedApp } from '../typed-app.ts'
import { deviceView } from '../views/device-view.ts'
import type { RouteParts } from './route-parts.ts'

// A cooperative's whole list in one request; telemetry has a bound of its own.
const BODY_BYTES = 4 * 1024 * 1024

export function registerDeviceRoutes(app: TypedApp, { registry, pipeline, clock, feed }: RouteParts): void {
  const isKnown = (id: string): boolean => registry.get(id) !== undefined

  const viewsOf = async (entries: readonly DeviceEntry[]): Promise<Device[]> => {
    if (entries.length === 0) return []
    const latest = await pipeline.latest({ devices: entries.map(({ id }) => id) })
    const now = clock.now()
    return entries.map((entry) => deviceView(entry, latest.get(entry.id) ?? [], now))
  }

  const viewOf = async (entry: DeviceEntry): Promise<Device> => {
    const latest = await pipeline.latest({ devices: [entry.id] })
    return deviceView(entry, latest.get(entry.id) ?? [], clock.now())
  }

  const entryOf = (id: string): DeviceEntry => {
    const entry = registry.get(id)
    if (entry === undefined) throw new KengError('KENG_REGISTRY_UNKNOWN', JSON.stringify(id.slice(0, 100)))
    return entry
  }

  app.post(
    '/devices',
    {
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['devices'],
        summary: 'Register one device, or several: all or none',
        body: DeviceBodies,
        response: answers({ 201: IssuedTokens }, 400, 409, 413, 415, 422, 503),
      },
    },
    async ({ body }, reply) => {
      const bodies = Array.isArray(body) ? body : [body]
      const faults = deviceFaults(bodies, Array.isArray(body), isKnown)
      if (faults.length > 0) throw new InvalidRequest(faults)
      const entries = bodies.map((device) => ({ ...device, cell: device.cell ?? DEFAULT_CELL }))
      const items = await registry.create(entries)
      for (const entry of entries) {
        feed.publish('device', entry.id, entry.area ?? null, () => deviceView(entry, [], clock.now()))
      }
      return reply.code(201).send({ items: items.map(({ id, token }) => ({ id, token })) })
    },
  )

  app.get(
    '/devices',
    {
      schema: {
        tags: ['devices'],
        summary: 'Devices by id, with their latest values and health',
        querystring: Type.Object(PAGE_QUERY, CLOSED),
        response: answers({ 200: DeviceList }, 422, 503),
      },
    },
    async ({ query: { limit = DEFAULT_LIMIT, cursor } }) => {
      const all = registry.list()
      const start = cursor === undefined ? 0 : firstAfter(all, decodeCursor(cursor, 'string')[0])
      const entries = all.slice(start, start + limit)
      const last = entries.at(-1)
      const next = last !== undefined && start + limit < all.length ? encodeCursor(last.id) : null
      return { items: await viewsOf(entries), next }
    },
  )

  app.get(
    '/devices/:id',
    {
      schema: {
        tags: ['devices'],
        summary: 'One device',
        params: ID_PARAMS,
        response: answers({ 200: Device }, 404, 503),
      },
    },
    ({ params }) => viewOf(entryOf(params.id)),
  )

  app.patch(
    '/devices/:id',
    {
      schema: {
        tags: ['devices'],
        summary: 'Change some fields of a device',
        params: ID_PARAMS,
        body: DeviceChange,
        response: answers({ 200: Device }, 400, 404, 415, 422, 503),
      },
    },
    async ({ params: { id }, body }) => {
      entryOf(id)
      const faults = changeFaults('/body', id, body, isKnown)
      if (faults.length > 0) throw new InvalidRequest(faults)
      const entry = await registry.update(id, body)
      const view = await viewOf(entry)
      feed.publish('device', id, entry.area ?? null, () => view)
      return view
    },
  )

  app.delete(
    '/devices/:id',
    {
      schema: {
        tags: ['devices'],
        summary: 'Take a device out of the registry; its token is refused from then on, its readings stay',
        params: ID_PARAMS,
        response: answers({ 204: NOTHING }, 404, 503),
      },
    },
    async ({ params: { id } }, reply) => {
      const { area } = entryOf(id)
      await registry.remove(id)
      feed.publish('device', id, area ?? null, () => ({ id, deleted: true }))
      return reply.code(204).send()
    },
  )

  app.post(
    '/devices/:id/token',
    {
      schema: {
        tags: ['devices'],
        summary: 'Give a device a new token; the old one is refused from then on',
        params: ID_PARAMS,
        response: answers({ 201: IssuedToken }, 404, 503),
      },
    },
    async ({ params: { id } }, reply) => {
      const issued = await registry.rotate(id)
      return reply.code(201).send({ id: issued.id, token: issued.token })
    },
  )
}

/** Index of the first device behind an id that may be gone by now. */
function firstAfter(sorted: readonly DeviceEntry[], id: string): number {
  const index = sorted.findIndex((entry) => entry.id > id)
  return index === -1 ? sorted.length : index
}
