/** Bounds the bytes in flight, per client and in all: at a bound the socket is not read, and TCP does the rest. */

import { type BrokerClient, resumeReading } from './aedes-client.ts'
import type { DeviceConnection } from './device-connection.ts'

export interface BackPressureOptions {
  readonly maxBytesPerClient: number
  readonly maxBytes: number
}

export interface BackPressure {
  received(client: BrokerClient, connection: DeviceConnection, bytes: number): void
  completed(client: BrokerClient, connection: DeviceConnection, bytes: number): void
  readonly inFlightBytes: number
  readonly pausedClients: number
}

export function createBackPressure({ maxBytesPerClient, maxBytes }: BackPressureOptions): BackPressure {
  const paused = new Set<BrokerClient>()
  let total = 0

  const resume = (client: BrokerClient, connection: DeviceConnection) => {
    connection.paused = false
    paused.delete(client)
    if (!client.closed) resumeReading(client)
  }
  return {
    received(client, connection, bytes) {
      total += bytes
      connection.inFlightBytes += bytes
      if (connection.paused || (connection.inFlightBytes < maxBytesPerClient && total < maxBytes)) return
      connection.paused = true
      paused.add(client)
      client.pause()
    },
    completed(client, connection, bytes) {
      total -= bytes
      connection.inFlightBytes -= bytes
      if (paused.size === 0 || total >= maxBytes) return
      // Half the bound, so that a client is not paused and resumed at every message.
      if (connection.paused && connection.inFlightBytes * 2 <= maxBytesPerClient) resume(client, connection)
      // Those that wait for the bound of all have nothing in flight that would wake them.
      if (total * 2 > maxBytes) return
      for (const other of paused) {
        if (other.keng !== undefined && other.keng.inFlightBytes * 2 <= maxBytesPerClient) resume(other, other.keng)
      }
    },
    get inFlightBytes() {
      return total
    },
    get pausedClients() {
      return paused.size
    },
  }
}
