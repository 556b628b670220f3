/**
 * Lets CONNECT alone through to Aedes, and what a device sends behind it when it has been accepted. A device need not
 * wait for CONNACK [MQTT-3.1.4]; Aedes would queue 42 packets and cut the connection at the next, or let later ones
 * overtake the queue.
 */

import { type BrokerClient, resumeReading } from './aedes-client.ts'
import { CONNECT_LIMIT_BYTES } from './packet-limit.ts'

/** Packet type and flags [MQTT 3.1.1]. */
const CONNECT = 0x10
const NOTHING: Buffer = Buffer.alloc(0)

/** Call once, before the first byte is read. `onTooLarge` is called once, before the connection is cut. */
export function gateConnect(
  client: BrokerClient,
  onTooLarge: (client: BrokerClient, length: number, limit: number) => void,
): void {
  const parser = client._parser
  const parse = parser.parse.bind(parser)
  let first = NOTHING
  let held: Buffer[] = []
  let state: 'first' | 'connecting' | 'open' = 'first'

  const parseFirst = (bytes: Buffer): number => {
    first = first.length === 0 ? bytes : Buffer.concat([first, bytes])
    if (first[0] !== CONNECT) {
      client.emit('error', Object.assign(new Error('the first packet is not CONNECT'), { info: { cmd: 'unknown' } }))
      return 0
    }
    const size = packetSize(first)
    if (size === 'not yet') return 0
    if (size !== 'malformed') {
      if (size.body > CONNECT_LIMIT_BYTES) {
        onTooLarge(client, size.body, CONNECT_LIMIT_BYTES)
        client.conn.destroy()
        return 0
      }
      if (first.length < size.whole) return 0
    }
    const end = size === 'malformed' ? first.length : size.whole
    if (end < first.length) hold(first.subarray(end))
    const connect = first.subarray(0, end)
    first = NOTHING
    state = 'connecting'
    return parse(connect)
  }
  const hold = (bytes: Buffer) => {
    held.push(bytes)
    // One read or two are held; the rest waits in the socket.
    client.pause()
  }

  parser.parse = (bytes) => {
    if (state === 'open') return parse(bytes)
    if (state === 'first') return parseFirst(bytes)
    hold(bytes)
    return 0
  }
  client.once('connected', () => {
    state = 'open'
    if (held.length === 0) return
    const bytes = Buffer.concat(held)
    held = []
    // Not `parse`: by now others have put themselves in front of the parser.
    parser.parse(bytes)
    if (!client.closed && !client.keng?.paused) resumeReading(client)
  })
}

/** Bytes of the packet at the start, without and with its fixed header [MQTT 2.2.3]. */
function packetSize(bytes: Buffer): { body: number; whole: number } | 'not yet' | 'malformed' {
  let body = 0
  for (let at = 1; at <= 4; at++) {
    const byte = bytes[at]
    if (byte === undefined) return 'not yet'
    body += (byte & 0x7f) * 128 ** (at - 1)
    if (byte < 0x80) return { body, whole: body + at + 1 }
  }
  return 'malformed'
}
