/** One device on the broker: logs in, keeps its queue through cuts, resends in order until the PUBACK. */

import { connect, type MqttClient } from 'mqtt'
import { isKengError, KengError } from '../../libs/core/errors.ts'
import { telemetryTopic } from '../../libs/core/log/raw-record.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import { textHash, uniform } from '../noise.ts'
import { createOutbox } from './outbox.ts'

export interface DeviceConnectionOptions<Tag> {
  /** `mqtt://host:port`, or `mqtts://`, `ws://…/mqtt`. */
  readonly url: string
  readonly device: string
  readonly token: string
  /** Packets that may wait for their PUBACK or for a connection. Default 1,000. */
  readonly capacity?: number
  /** Packets sent and not acknowledged at a time. Default 20. */
  readonly inFlight?: number
  readonly onAcknowledged: (tag: Tag) => void
  readonly onConnected?: () => void
  readonly onDisconnected?: () => void
  /** Why there is no connection now. Told at every failed attempt; tries go on. */
  readonly onTrouble?: (error: KengError) => void
}

export interface DeviceConnection<Tag> {
  /** Packets that may be added now. */
  readonly room: number
  /** Packets not acknowledged yet. */
  readonly waiting: number
  /** Connects, and again after every cut, until `cut` or `close`. */
  open(): void
  /** Drops the socket without a farewell, so that the will speaks, and stays away until `open`. The queue is kept. */
  cut(): void
  /** Queues one telemetry packet. Throws where `room` is 0. */
  publish(payload: string, tag: Tag): void
  /** Says goodbye where connected. The queue is not sent first: wait for `waiting` to be 0. May be called twice. */
  close(): Promise<void>
}

const CAPACITY = 1000
const IN_FLIGHT = 20
const KEEPALIVE_SECONDS = 60
const CONNECT_TIMEOUT_MS = 10_000
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 15_000
/** How long a broker may take to acknowledge the last status. */
const GOODBYE_MS = 2000
/** CONNACK codes for a wrong user name or password, and for no right to connect. */
const LOGIN_REFUSED = [4, 5]

const ONLINE = '{"online":true}'
const OFFLINE = '{"online":false}'

function asTrouble(device: string, url: string, error: Error): KengError {
  if (isKengError(error)) return error
  const code = 'code' in error && typeof error.code === 'number' ? error.code : null
  return code !== null && LOGIN_REFUSED.includes(code)
    ? new KengError('KENG_CLIENT_LOGIN', `the broker at ${url} refuses device ${device} and its token`, {
        cause: error,
      })
    : new KengError(
        'KENG_CLIENT_UNREACHABLE',
        `device ${device} cannot connect to ${url} (${error.message || error.name})`,
        { cause: error },
      )
}

export function createDeviceConnection<Tag>(
  deps: { readonly clock: Clock },
  options: DeviceConnectionOptions<Tag>,
): DeviceConnection<Tag> {
  const { url, device, token, onAcknowledged, onConnected, onDisconnected, onTrouble } = options
  const outbox = createOutbox<Tag>({ capacity: options.capacity ?? CAPACITY, inFlight: options.inFlight ?? IN_FLIGHT })
  const telemetry = telemetryTopic(device)
  const status = `keng/v1/${device}/status`
  let wanted = false
  let client: MqttClient | null = null
  let connected = false
  let failures = 0
  let cancelRetry: (() => void) | null = null

  // The client asks for an identifier while `publish` runs, so this hands it the one that the outbox keeps for the packet.
  let packetId = 0
  const messageIdProvider = {
    allocate: () => packetId,
    getLastAllocated: () => packetId,
    register: () => true,
    deallocate: () => undefined,
    clear: () => undefined,
  }

  const pump = (): void => {
    while (client !== null && connected) {
      const entry = outbox.next()
      if (entry === undefined) return
      const id = entry.packetId
      packetId = id
      client.publish(telemetry, entry.payload, { qos: 1, dup: entry.again }, (error) => {
        if (error) return
        const tag = outbox.acknowledge(id)
        if (tag !== undefined) onAcknowledged(tag)
        pump()
      })
    }
  }

  const say = (text: string, done?: () => void): void => {
    packetId = outbox.freePacketId()
    client?.publish(status, text, { qos: 1, retain: true }, () => done?.())
  }

  const retryLater = (): void => {
    if (!wanted || cancelRetry !== null) return
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 16))
    // Half of the wait depends on the device, so that a fleet does not come back in one wave.
    const wait = longest * (0.5 + 0.5 * uniform(0, textHash(device), failures))
    failures++
    cancelRetry = deps.clock.after(wait, () => {
      cancelRetry = null
      attempt()
    })
  }

  const attempt = (): void => {
    if (!wanted || client !== null) return
    const mine = connect(url, {
      clientId: device,
      username: device,
      password: token,
      protocolVersion: 4,
      clean: false,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // Reconnecting and resending are done here: a client of the library lives for one connection.
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      messageIdProvider,
      will: { topic: status, payload: Buffer.from(OFFLINE), qos: 1, retain: true },
    })
    client = mine
    mine.on('error', (error) => {
      if (client === mine) onTrouble?.(asTrouble(device, url, error))
    })
    mine.on('connect', () => {
      // The library may say so after it was told to end.
      if (client !== mine || !wanted) return
      connected = true
      failures = 0
      say(ONLINE)
      onConnected?.()
      pump()
    })
    mine.on('close', () => {
      if (client === mine) lost()
    })
  }

  const disconnected = (): void => {
    if (!connected) return
    connected = false
    onDisconnected?.()
  }

  const lost = (): void => {
    client = null
    outbox.rewind()
    disconnected()
    retryLater()
  }

  const stayAway = (): void => {
    wanted = false
    cancelRetry?.()
    cancelRetry = null
  }

  return {
    get room() {
      return outbox.room
    },
    get waiting() {
      return outbox.size
    },
    open() {
      wanted = true
      attempt()
    },
    cut() {
      stayAway()
      const last = client
      if (last === null) return
      lost()
      last.end(true)
    },
    publish(payload, tag) {
      outbox.add(payload, tag)
      pump()
    },
    async close() {
      stayAway()
      const last = client
      if (last === null) return
      if (connected) {
        await new Promise<void>((resolve) => {
          const giveUp = deps.clock.after(GOODBYE_MS, resolve)
          const done = (): void => {
            giveUp()
            resolve()
          }
          last.once('close', done)
          say(OFFLINE, done)
        })
      }
      if (client !== last) return
      disconnected()
      // A polite end waits for open acknowledgements, which a broker in trouble may never send.
      await new Promise<void>((resolve) => last.end(outbox.size > 0, () => resolve()))
    },
  }
}
