/** Bounds the size of an MQTT packet: Aedes has no limit and buffers whatever a header announces. */

import type { BrokerClient } from './aedes-client.ts'

export const CONNECT_LIMIT_BYTES = 4 * 1024
export const PACKET_LIMIT_BYTES = 256 * 1024
/** Beyond this even a device that keeps sending the same packet is cut off every time. */
export const SKIP_LIMIT_BYTES = 16 * 1024 * 1024
/** What is kept of a packet that is skipped. */
const HEAD_BYTES = 1024

/** A packet that was read and dropped instead of cutting the connection. */
export interface SkippedPacket {
  readonly command: string
  readonly qos: number
  readonly length: number
  /** The first bytes after the fixed header: topic, message id, start of the payload. */
  readonly head: Buffer
}

export interface PacketLimits {
  /** Called once before the connection is cut. */
  onTooLarge(client: BrokerClient, length: number, limit: number): 'cut' | 'skip'
  onSkipped(client: BrokerClient, packet: SkippedPacket): void
}

/** Puts the limits in front of the client's parser. Call once, before the first byte is read. */
export function limitPackets(client: BrokerClient, limits: PacketLimits): void {
  const parser = client._parser
  const parse = parser.parse.bind(parser)
  let skipping: { left: number; head: Buffer; packet: Omit<SkippedPacket, 'head'> } | null = null

  const skip = (bytes: Buffer): Buffer | null => {
    if (skipping === null) return bytes
    const taken = Math.min(skipping.left, bytes.length)
    if (skipping.head.length < HEAD_BYTES) {
      skipping.head = Buffer.concat([
        skipping.head,
        bytes.subarray(0, Math.min(taken, HEAD_BYTES - skipping.head.length)),
      ])
    }
    skipping.left -= taken
    if (skipping.left > 0) return null
    limits.onSkipped(client, { ...skipping.packet, head: skipping.head })
    skipping = null
    return taken < bytes.length ? bytes.subarray(taken) : null
  }

  parser.parse = (bytes) => {
    const rest = skip(bytes)
    // Aedes reads on only when a packet of the chunk is finished; a chunk that was skipped whole has none.
    if (rest === null) return askForMore(client)
    parse(rest)
    const { length, cmd = 'unknown', qos } = parser.packet
    // Not `connected` alone: it is set some turns after CONNACK has left, and a device may send a large packet at once on
    // that, or without waiting for it [MQTT-3.1.4-5]. Until the login is judged nothing more is read.
    const limit = client.connecting || client.connected ? PACKET_LIMIT_BYTES : CONNECT_LIMIT_BYTES
    if (length <= limit) return parser._list.length
    if (limits.onTooLarge(client, length, limit) === 'cut') {
      client.conn.destroy()
      return 0
    }
    const received = parser._list.length
    const head = Buffer.from(parser._list.slice(0, Math.min(received, HEAD_BYTES)))
    skipping = { left: length - received, head, packet: { command: cmd, qos, length } }
    parser._resetState()
    return 0
  }
}

function askForMore(client: BrokerClient): number {
  client._parsingBatch = 0
  return 0
}
