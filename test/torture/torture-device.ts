/** A device with a queue that nothing empties but acknowledgements: sends QoS 1 or 2, resends after every break. */

import net from 'node:net'
import mqttPacket, { type Packet } from 'mqtt-packet'

export type TortureQos = 1 | 2 | 'mixed'

export interface TortureDevice {
  /** Connects and sends until the connection breaks. */
  connect(port: number): void
  /** Breaks the connection without a word. */
  drop(): void
  /** Makes no new messages; what waits is still sent. */
  finish(): void
  readonly id: string
  /** Sequence numbers in the order of their acknowledgements: PUBACK, or PUBREC for QoS 2. */
  readonly acknowledged: number[]
  /** `performance.now()` at the last one. */
  readonly acknowledgedAt: number
  /** Messages made so far have the sequence numbers 0 to produced - 1. */
  readonly produced: number
  readonly waiting: number
}

export interface TortureDeviceOptions {
  readonly id: string
  readonly token: string
  readonly qos: TortureQos
  readonly window: number
  /** Event time of message 0, epoch milliseconds; message n is n milliseconds later. */
  readonly startTs: number
  /** Of CONNECT; 60 unless given. */
  readonly keepaliveSeconds?: number
  /** Bytes that make a message longer without a meaning; 0 unless given. */
  readonly padBytes?: number
  /** The connection has ended, though nobody here dropped it. */
  readonly onClosed?: () => void
}

interface InFlight {
  readonly seq: number
  readonly messageId: number
  readonly qos: 1 | 2
  /** The server has it; PUBREL is owed. */
  released: boolean
  /** Sent on an earlier connection. */
  dup: boolean
}

/** One session: CONNECT without clean session, resends in order as [MQTT-4.4.0-1] demands. */
export function createTortureDevice(options: TortureDeviceOptions): TortureDevice {
  const { id, token, qos, window, startTs, keepaliveSeconds = 60, padBytes = 0 } = options
  const pad = padBytes > 0 ? { pad: 'x'.repeat(padBytes) } : {}
  const acknowledged: number[] = []
  const inFlight: InFlight[] = []
  let socket: net.Socket | null = null
  let produced = 0
  let nextId = 1
  let finishing = false
  let acknowledgedAt = performance.now()

  const acknowledge = (seq: number) => {
    acknowledged.push(seq)
    acknowledgedAt = performance.now()
  }
  const send = (packet: Packet) => void socket?.write(mqttPacket.generate(packet))
  const publish = ({ seq, messageId, qos: level, dup }: InFlight) => {
    const payload = JSON.stringify({
      ts: startTs + seq,
      boot: 'torture',
      seq,
      values: { 'device.counter': seq },
      ...pad,
    })
    send({ cmd: 'publish', topic: `keng/v1/${id}/telemetry`, payload, qos: level, retain: false, dup, messageId })
  }
  const qosOf = (seq: number): 1 | 2 => (qos === 'mixed' ? (seq % 2 === 0 ? 1 : 2) : qos)
  const fill = () => {
    while (!finishing && inFlight.length < window) {
      const seq = produced++
      const message: InFlight = { seq, messageId: nextId, qos: qosOf(seq), released: false, dup: false }
      nextId = (nextId % 65_535) + 1
      inFlight.push(message)
      publish(message)
    }
  }
  const resend = () => {
    for (const message of inFlight) {
      message.dup = true
      if (message.released) send({ cmd: 'pubrel', messageId: message.messageId })
      else publish(message)
    }
  }
  const remove = (messageId: number, level: 1 | 2): InFlight | undefined => {
    const at = inFlight.findIndex((message) => message.messageId === messageId && message.qos === level)
    return at < 0 ? undefined : inFlight.splice(at, 1)[0]
  }
  const onPacket = (packet: Packet) => {
    const messageId = packet.messageId ?? 0
    if (packet.cmd === 'connack') resend()
    else if (packet.cmd === 'puback') {
      const message = remove(messageId, 1)
      if (message !== undefined) acknowledge(message.seq)
    } else if (packet.cmd === 'pubrec') {
      const message = inFlight.find((one) => one.messageId === messageId && one.qos === 2)
      if (message !== undefined && !message.released) {
        message.released = true
        acknowledge(message.seq)
      }
      send({ cmd: 'pubrel', messageId })
    } else if (packet.cmd === 'pubcomp') remove(messageId, 2)
    fill()
  }

  return {
    id,
    acknowledged,
    connect(port) {
      const parser = mqttPacket.parser()
      parser.on('packet', onPacket)
      const opened = net.connect(port, '127.0.0.1').setNoDelay(true)
      opened.on('error', () => {}) // the server was killed: the next connect resends
      opened.on('data', (data) => opened === socket && parser.parse(data))
      opened.on('close', () => opened === socket && options.onClosed?.())
      socket?.destroy()
      socket = opened
      const password = Buffer.from(token)
      send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId: 't',
        clean: false,
        keepalive: keepaliveSeconds,
        username: id,
        password,
      })
    },
    drop() {
      socket?.destroy()
      socket = null
    },
    finish() {
      finishing = true
    },
    get acknowledgedAt() {
      return acknowledgedAt
    },
    get produced() {
      return produced
    },
    get waiting() {
      return inFlight.length
    },
  }
}
