/** An MQTT 3.1.1 client on a bare socket: sends exactly what the test says and shows every packet that comes back. */

import net from 'node:net'
import mqttPacket, { type Packet } from 'mqtt-packet'

export interface RawMqtt {
  /** Packets received so far, in order. */
  readonly received: Packet[]
  readonly closed: boolean
  send(packet: Packet): void
  sendBytes(bytes: Uint8Array): void
  connect(options: {
    clientId?: string
    username?: string
    password?: string
    clean?: boolean
    keepalive?: number
  }): void
  publish(topic: string, payload: string | Buffer, qos: 0 | 1 | 2, messageId?: number, dup?: boolean): void
  /** Ids of the packets of this kind received so far. */
  ids(cmd: 'puback' | 'pubrec' | 'pubcomp'): number[]
  destroy(): void
}

export async function openRawMqtt(port: number): Promise<RawMqtt> {
  const socket = net.connect(port, '127.0.0.1').setNoDelay(true)
  const received: Packet[] = []
  let closed = false
  const parser = mqttPacket.parser()
  parser.on('packet', (packet: Packet) => received.push(packet))
  socket.on('data', (data) => parser.parse(data))
  socket.on('error', () => {}) // the test looks at `closed`
  socket.on('close', () => {
    closed = true
  })
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  const send = (packet: Packet) => void socket.write(mqttPacket.generate(packet))
  return {
    received,
    get closed() {
      return closed
    },
    send,
    sendBytes: (bytes) => void socket.write(bytes),
    connect({ clientId = '', username, password, clean = true, keepalive = 60 }) {
      send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId,
        clean,
        keepalive,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password: Buffer.from(password) }),
      })
    },
    publish(topic, payload, qos, messageId = 0, dup = false) {
      send({ cmd: 'publish', topic, payload, qos, retain: false, dup, ...(qos > 0 ? { messageId } : {}) })
    },
    ids: (cmd) => received.flatMap((packet) => (packet.cmd === cmd ? [packet.messageId ?? -1] : [])),
    destroy: () => void socket.destroy(),
  }
}
