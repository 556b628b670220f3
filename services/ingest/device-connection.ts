/** What ingest keeps of one authenticated MQTT connection. */

import { type AckQueue, createAckQueue } from './ack-queue.ts'

export interface DeviceConnection {
  readonly device: string
  /** QoS 2 ids are kept by this: the client id of a session that goes on, or one connection of a clean session. */
  readonly session: string
  readonly acks: AckQueue
  /** Milliseconds a message may wait for its acknowledgement before the connection is cut (contract.md, section 1). */
  readonly patienceMs: number
  /** Bytes received whose append has not ended. */
  inFlightBytes: number
  /** Monotonic time at which the oldest message in flight began to wait, or the last one was completed. */
  waitingSince: number
  /** Whether ingest has stopped reading from it. */
  paused: boolean
}

const MAX_PATIENCE_MS = 30_000

/** `keepaliveSeconds` 0 means that the client set none. */
export function createDeviceConnection(device: string, session: string, keepaliveSeconds: number): DeviceConnection {
  return {
    device,
    session,
    acks: createAckQueue(),
    patienceMs: keepaliveSeconds === 0 ? MAX_PATIENCE_MS : Math.min((keepaliveSeconds * 1000) / 2, MAX_PATIENCE_MS),
    inFlightBytes: 0,
    waitingSince: 0,
    paused: false,
  }
}
