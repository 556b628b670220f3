/** The parts of Aedes 1.2.0's client that its types leave out and ingest relies on; test/integration/ingest pins each of them. */

import type { Client } from 'aedes'
import type { DeviceConnection } from './device-connection.ts'

/** mqtt-packet 9's stream parser, as Aedes holds it. */
export interface PacketParser {
  parse(bytes: Buffer): number
  /** The packet being read; `length` is -1 until its header is there (mqtt-packet/parser.js, _parseLength). */
  packet: { cmd?: string; length: number; qos: number }
  /** Bytes received of the packet being read. */
  _list: { length: number; slice(start: number, end: number): Buffer }
  _resetState(): void
  on(event: 'packet', listener: (packet: { cmd: string; qos: number }) => void): void
  listeners(event: 'packet'): unknown[]
  removeAllListeners(event: 'packet'): void
  /** Why it could not read on. */
  readonly error: Error | null
}

export interface BrokerClient extends Client {
  /** Set when the device has been authenticated. */
  keng?: DeviceConnection
  /** Keepalive of CONNECT in seconds; Aedes sets its own timer only after authentication. */
  connectKeepalive?: number

  readonly _parser: PacketParser
  /** Packets of the chunk in hand that are not finished (aedes/lib/client.js, nextBatch). */
  _parsingBatch: number
  readonly _keepaliveTimer: NodeJS.Timeout | null
  /** Until CONNECT is complete; the time given for it is over when its error comes with this still set. */
  readonly _connectTimer: NodeJS.Timeout | null
  /** Calls back when the socket takes bytes again, or with an error after drainTimeout. */
  waitForDrain(callback: (error: Error | null) => void): void
  pause(): void
  resume(): void
}

export const asBrokerClient = (client: Client): BrokerClient => client as unknown as BrokerClient

/**
 * Lets a paused client read again. Aedes decrements `_parsingBatch` before it reads; completions while paused have
 * returned early without doing so, hence the reader would stall unless one packet is left to count down.
 */
export function resumeReading(client: BrokerClient): void {
  client._parsingBatch = 1
  client.resume()
}
