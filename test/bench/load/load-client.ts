/** One connection of the load generator: sends slots of its packet ring and notes when they are acknowledged. */

import { once } from 'node:events'
import net from 'node:net'

import type { LoadDevice, LoadOptions } from './load-options.ts'
import { connectPacket, createPacketRing } from './packet-ring.ts'

const CONNACK = 2
const PUBACK = 4
const PUBREC = 5
const PUBCOMP = 7
const PUBREL_FIRST_BYTE = 0x62

export interface LoadClient {
  /** Messages that fit into the window now. */
  free(): number
  /** Sends messages, at most as many as are free; `since` gives the time from which the latency of each counts. */
  send(count: number, since: (nth: number) => number): void
  readonly device: string
  readonly sent: number
  readonly acknowledged: number
  readonly inFlight: number
  readonly isCut: boolean
  end(): void
}

export interface LoadClientEvents {
  /** After each packet of acknowledgements from the network, with how many there were. */
  acknowledged(client: LoadClient, count: number): void
  /** For each acknowledgement, in milliseconds. */
  latency(milliseconds: number): void
  cut(client: LoadClient): void
}

/** Resolves when the server has accepted the connection. */
export async function openLoadClient(
  device: LoadDevice,
  { host, port, qos, window, boot, keepAliveSeconds }: LoadOptions,
  events: LoadClientEvents,
): Promise<LoadClient> {
  const ring = createPacketRing(device.id, boot, window, (slot) => (qos === 'mixed' ? (slot % 2 === 0 ? 1 : 2) : qos))
  const since = new Float64Array(window)
  const isPending = new Uint8Array(window)
  let sent = 0
  let acknowledged = 0
  let done = 0 // everything before is acknowledged, in the order sent
  let lastTs = 0
  let isCut = false
  let ending = false

  const socket = await connect(host, port, connectPacket(device.id, keepAliveSeconds, device.token), device.id)

  /** A slot is used again only when its message is acknowledged, so its bytes have left the socket long before. */
  const finish = (id: number, now: number) => {
    const slot = id - 1
    if (isPending[slot] !== 1) throw new Error(`${device.id}: acknowledgement of ${id}, which is not in flight`)
    isPending[slot] = 0
    acknowledged++
    events.latency(now - (since[slot] ?? now))
    while (done < sent && isPending[done % window] === 0) done++
  }

  const read = packetReader((type, id) => {
    const now = performance.now()
    if (type === PUBREC) socket.write(Buffer.from([PUBREL_FIRST_BYTE, 2, id >> 8, id & 0xff]))
    else if (type === PUBACK || type === PUBCOMP) finish(id, now)
  })

  const client: LoadClient = {
    device: device.id,
    free: () => (isCut ? 0 : window - (sent - done)),
    send(count, sinceOf) {
      const wall = Date.now()
      const now = Math.min(count, client.free())
      for (let nth = 0, from = sent % window; nth < now; nth++) {
        const slot = sent % window
        lastTs = Math.max(lastTs + 1, wall)
        ring.write(slot, lastTs, sent)
        since[slot] = sinceOf(nth)
        isPending[slot] = 1
        sent++
        if (slot === window - 1 || nth === now - 1) {
          socket.write(ring.bytes.subarray(from * ring.size, (slot + 1) * ring.size))
          from = 0
        }
      }
    },
    get sent() {
      return sent
    },
    get acknowledged() {
      return acknowledged
    },
    get inFlight() {
      return sent - acknowledged
    },
    get isCut() {
      return isCut
    },
    end() {
      ending = true
      socket.end(Buffer.from([0xe0, 0])) // DISCONNECT
    },
  }

  socket.on('data', (bytes) => {
    const before = acknowledged
    read(bytes)
    if (acknowledged > before) events.acknowledged(client, acknowledged - before)
  })
  socket.on('error', () => {}) // 'close' follows and is counted
  socket.on('close', () => {
    if (ending) return
    isCut = true
    events.cut(client)
  })
  return client
}

async function connect(host: string, port: number, packet: Buffer, id: string): Promise<net.Socket> {
  const socket = net.connect(port, host).setNoDelay(true)
  await once(socket, 'connect')
  const answer = await new Promise<Buffer>((resolve) => {
    const refused = () => resolve(Buffer.alloc(0))
    socket.once('error', refused).once('close', refused)
    socket.once('data', (bytes) => {
      socket.off('error', refused).off('close', refused)
      resolve(bytes)
    })
    socket.write(packet)
  })
  if (answer.length !== 4 || answer[0] !== CONNACK << 4 || answer[3] !== 0) {
    throw new Error(`the server did not accept ${id}: answered [${answer.toString('hex')}]`)
  }
  return socket
}

/** Cuts a stream of acknowledgements into (type, packet id). All that a server sends to such a client is up to 127 bytes long. */
function packetReader(onPacket: (type: number, id: number) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    let at = 0
    for (;;) {
      const first = all[at]
      const length = all[at + 1]
      if (first === undefined || length === undefined || all.length - at < 2 + length) break
      onPacket(first >> 4, length >= 2 ? all.readUInt16BE(at + 2) : 0)
      at += 2 + length
    }
    rest = all.subarray(at)
  }
}
