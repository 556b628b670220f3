/** Ingest over a log that the test holds, with devices whose token is `token-of-ID`. */

import { onTestFinished } from 'vitest'
import type { DeviceEntry } from '../../libs/core/device.ts'
import type { EventLog } from '../../libs/ports/event-log.ts'
import { createSystemClock } from '../../libs/runtime/system-clock.ts'
import { createIngestService, type IngestOptions, type IngestService } from '../../services/ingest/ingest-service.ts'
import { openRawMqtt, type RawMqtt } from './raw-mqtt.ts'

export interface StartedIngest {
  readonly service: IngestService
  readonly port: number
  readonly warnings: object[]
  /** A connection that is logged in as the device. */
  login(device: string, options?: { clientId?: string; clean?: boolean; keepalive?: number }): Promise<RawMqtt>
  open(): Promise<RawMqtt>
}

export const tokenOf = (device: string): string => `token-of-${device}`

export async function startIngest(
  log: EventLog,
  devices: readonly Partial<DeviceEntry>[] = [{ id: 'ws-1' }, { id: 'ws-2' }],
  options: Partial<IngestOptions> = {},
): Promise<StartedIngest> {
  const registry = new Map(
    devices.map((device) => [device.id ?? '', { id: device.id ?? '', cell: 'default', ...device }]),
  )
  const warnings: object[] = []
  const service = createIngestService(
    {
      log,
      clock: createSystemClock(),
      lookup: (device) => registry.get(device),
      credentials: { verify: (device, token) => registry.has(device) && token === tokenOf(device) },
      logger: { info: () => {}, warn: (fields) => warnings.push(fields) },
    },
    {
      host: '127.0.0.1',
      port: 0,
      maxConnections: 1_000,
      connectTimeoutMs: 10_000,
      maxInFlightBytesPerClient: 1024 * 1024,
      maxInFlightBytes: 64 * 1024 * 1024,
      last: null,
      ...options,
    },
  )
  const { port } = await service.start()
  const connections: RawMqtt[] = []
  onTestFinished(async () => {
    for (const connection of connections) connection.destroy()
    await service.stop()
  })
  const open = async () => {
    const connection = await openRawMqtt(port)
    connections.push(connection)
    return connection
  }
  return {
    service,
    port,
    warnings,
    open,
    async login(device, { clientId = device, clean = true, keepalive = 60 } = {}) {
      const connection = await open()
      connection.connect({ clientId, username: device, password: tokenOf(device), clean, keepalive })
      await waitFor(() => connection.received.length > 0 || connection.closed)
      return connection
    },
  }
}

const WAIT_MS = 9_000

/** Lets the event loop turn until it holds. */
export async function waitFor(condition: () => boolean): Promise<void> {
  const limit = performance.now() + WAIT_MS
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`waited ${WAIT_MS} ms for ${condition}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
