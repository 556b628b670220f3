/** Takes messages from devices, makes them durable in the raw log, then acknowledges. Knows no payload. */

import net from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import type { Client, Subscription } from 'aedes'
import { DEFAULT_CELL, type DeviceEntry } from '../../libs/core/device.ts'
import { KengError } from '../../libs/core/errors.ts'
import type { LogClockStart } from '../../libs/core/log/log-clock.ts'
import { telemetryTopic } from '../../libs/core/log/raw-record.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import type { EventLog } from '../../libs/ports/event-log.ts'
import type { DeviceCredentials } from '../../libs/ports/registry.ts'
import type { TelemetryIntake } from '../../libs/ports/telemetry-intake.ts'
import { listenError } from '../../libs/runtime/listen-error.ts'
import { createAckWriter } from './ack-writer.ts'
import { asBrokerClient, type BrokerClient } from './aedes-client.ts'
import { createAuthenticate } from './authenticate.ts'
import { createBackPressure } from './back-pressure.ts'
import { type AttachUplink, createChunkUplink } from './chunk-uplink.ts'
import { createDeviceConnection } from './device-connection.ts'
import { createInboundWindow } from './inbound-window.ts'
import { createIngestCounters, type IngestCounters } from './ingest-counters.ts'
import { createMqttBroker, type MqttBroker } from './mqtt-broker.ts'
import { createOversizePolicy } from './oversize-policy.ts'
import { createPersistentSessions } from './persistent-sessions.ts'
import { createRawWriter, type RawWriter } from './raw-writer.ts'
import { createRefusals } from './refusals.ts'
import { maySubscribe } from './rights.ts'
import { boundSessionStore } from './session-store.ts'
import { createUplink } from './uplink.ts'

export interface IngestDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly credentials: DeviceCredentials
  readonly lookup: (device: string) => DeviceEntry | undefined
  readonly logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
}

export interface IngestOptions {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly port: number; readonly cert: Buffer; readonly key: Buffer }
  readonly maxConnections: number
  readonly connectTimeoutMs: number
  readonly maxInFlightBytesPerClient: number
  readonly maxInFlightBytes: number
  /** The newest record of the raw log, for the log's clock. */
  readonly last: LogClockStart | null
}

export interface IngestService extends TelemetryIntake {
  start(): Promise<{ readonly port: number; readonly tlsPort: number | null }>
  /** Stops listening, waits for the appends in flight, cuts the connections. May be called twice. */
  stop(): Promise<void>
  /** Takes a connection that another listener opened (WebSocket). Call after start. */
  handle(connection: Duplex): { readonly connected: boolean }
  /** Writes a device's new registration into the raw log, so that decode sees it in order. Resolves when durable. */
  announce(entry: DeviceEntry | { readonly id: string; readonly deleted: true }): Promise<void>
  /** Tells a device why a message of its own was refused, if it listens. */
  sendRejected(device: string, body: string): void
  /** Ends the sessions of a device whose token no longer holds. */
  disconnect(device: string): void
  readonly counters: IngestCounters
  gauges(): {
    connections: number
    inFlightBytes: number
    pausedClients: number
    inboundSessions: number
    /** Milliseconds by which the machine's clock lay behind the log at the start and was not set since. */
    clockBehindMs: number
  }
}

const MAX_INBOUND_PER_SESSION = 1_000
const MAX_QUEUED_PER_SESSION = 100
/** Sessions without clean session that one device may have: a device has one, a gateway a few. */
const MAX_SESSIONS_PER_DEVICE = 16
const SWEEP_MS = 1_000
/** Connections that wait to be accepted: after a power cut all devices come at once. The system may allow fewer. */
const BACKLOG = 4_096

export function createIngestService(deps: IngestDeps, options: IngestOptions): IngestService {
  const { log, clock, credentials, lookup, logger } = deps
  const counters = createIngestCounters()
  const inbound = createInboundWindow(MAX_INBOUND_PER_SESSION)
  const backPressure = createBackPressure({
    maxBytesPerClient: options.maxInFlightBytesPerClient,
    maxBytes: options.maxInFlightBytes,
  })
  const clients = new Set<BrokerClient>()
  const servers: net.Server[] = []
  let writer: RawWriter | null = null
  let broker: MqttBroker | null = null
  let cancelSweep: () => void = () => {}
  let attachUplink: AttachUplink = () => {}
  let connection = 0

  const refusals = createRefusals({ counters, clock, logger })

  const authenticate = createAuthenticate({
    credentials,
    lookup,
    sessions: createPersistentSessions(MAX_SESSIONS_PER_DEVICE),
    refusals,
    onLogin(client, device) {
      const session = client.clean ? `${client.id}\n${connection++}` : client.id
      client.keng = createDeviceConnection(device, session, client.connectKeepalive ?? 0)
      clients.add(client)
      attachUplink(client, client.keng)
    },
  })

  const authorizeSubscribe = (
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ) => {
    const device = asBrokerClient(client).keng?.device
    if (device !== undefined && maySubscribe(device, subscription.topic, lookup)) return done(null, subscription)
    refusals.refuse('subscribe', device, subscription.topic)
    done(null, null) // SUBACK 0x80 [MQTT-3.9.3-2]
  }

  /** Cuts connections whose oldest message has waited too long; the device sends it again (contract.md, section 1). */
  const sweep = () => {
    const now = clock.monotonic()
    for (const client of clients) {
      if (client.closed) clients.delete(client)
      else if (client.keng && client.keng.acks.length > 0 && now - client.keng.waitingSince > client.keng.patienceMs) {
        counters.refused.stuck++
        client.conn.destroy()
      }
    }
    cancelSweep = clock.after(SWEEP_MS, sweep)
  }

  const listen = (server: net.Server, port: number, portKey: 'mqttPort' | 'mqttsPort'): Promise<number> => {
    server.maxConnections = options.maxConnections
    server.on('drop', () => counters.connectionsRefused++)
    servers.push(server)
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(listenError(error, { host: options.host, port, hostKey: 'mqttHost', portKey })),
      )
      server.listen({ port, host: options.host, backlog: BACKLOG }, () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  }

  const running = (): RawWriter => {
    if (writer === null) throw new KengError('KENG_LOG_UNAVAILABLE', 'ingest has not started')
    return writer
  }

  const appendOne = (append: (writer: RawWriter, done: (error: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => append(running(), (error) => (error ? reject(error) : resolve())))

  return {
    counters,
    async start() {
      writer = createRawWriter({ log, clock }, options.last)
      writer.startTicks(DEFAULT_CELL, (error) => logger.warn({ error: error.message }, 'tick not written'))
      const policy = createOversizePolicy({ writer, clock, counters, refusals, lookup })
      broker = await createMqttBroker({
        aedes: {
          concurrency: 1000,
          connectTimeout: options.connectTimeoutMs,
          drainTimeout: 10_000,
          authenticate,
          authorizeSubscribe,
        },
        limits: policy,
        sessionId: (username, clientId) => `${username ?? ''}\n${clientId}`,
      })
      const { aedes } = broker
      boundSessionStore((aedes as unknown as { persistence: object }).persistence, {
        inbound,
        maxQueuedPerSession: MAX_QUEUED_PER_SESSION,
        onQueueFull: () => counters.queueFull++,
        mayKeep: (client, topic) => maySubscribe(asBrokerClient(client).keng?.device ?? '', topic, lookup),
      })
      const monotonic = () => clock.monotonic()
      const shared = { writer, lookup, monotonic, backPressure, counters, refusals }
      attachUplink = createChunkUplink({ ...shared, acks: createAckWriter() })
      const uplink = createUplink({ ...shared, inbound })
      aedes.authorizePublish = (client, packet, done) => uplink(client && asBrokerClient(client), packet, done)
      routeOnlyDownlinks(broker)
      aedes.on('clientDisconnect', (client: Client) => clients.delete(asBrokerClient(client)))
      for (const event of ['clientError', 'connectionError'] as const) {
        aedes.on(event, (client: Client, error: Error) => refusals.connectionEnded(asBrokerClient(client), error))
      }
      const { handle } = broker
      const port = await listen(net.createServer({ noDelay: true }, handle), options.port, 'mqttPort')
      const secure = options.tls
      const tlsPort = secure
        ? await listen(tls.createServer({ ...secure, minVersion: 'TLSv1.2' }, handle), secure.port, 'mqttsPort')
        : null
      sweep()
      return { port, tlsPort }
    },
    async stop() {
      for (const server of servers.splice(0)) server.close()
      writer?.stop()
      cancelSweep()
      // No more is read; what is in flight is completed by the log, which the owner closes after this.
      for (const client of clients) client.pause()
      await drained(clients, clock)
      await new Promise<void>((resolve) => (broker === null ? resolve() : broker.aedes.close(() => resolve())))
      broker = null
    },
    handle(connection) {
      if (broker === null) throw new KengError('KENG_LOG_UNAVAILABLE', 'ingest has not started')
      return broker.handle(connection)
    },
    accept: (device, payload) =>
      appendOne((raw, done) =>
        raw.message(lookup(device)?.cell ?? DEFAULT_CELL, 'http', device, telemetryTopic(device), payload, done),
      ),
    announce: (entry) =>
      appendOne((raw, done) =>
        raw.device('cell' in entry ? entry.cell : DEFAULT_CELL, Buffer.from(JSON.stringify(entry)), done),
      ),
    sendRejected(device, body) {
      const packet = { topic: `keng/v1/${device}/rejected`, payload: Buffer.from(body), qos: 1, retain: false } as const
      broker?.aedes.publish({ cmd: 'publish', dup: false, ...packet }, () => {})
    },
    disconnect(device) {
      for (const client of clients) if (client.keng?.device === device) client.conn.destroy()
    },
    gauges: () => ({
      connections: clients.size,
      inFlightBytes: backPressure.inFlightBytes,
      pausedClients: backPressure.pausedClients,
      inboundSessions: inbound.sessions,
      clockBehindMs: writer?.clockBehindMs() ?? 0,
    }),
  }
}

/** Uplinks are in the log by now and go nowhere else (architecture, decision 4); Aedes routes status and `…/rejected`. */
function routeOnlyDownlinks({ aedes }: MqttBroker): void {
  const route = aedes.publish.bind(aedes) as unknown as (
    packet: { topic: string },
    client: unknown,
    done: unknown,
  ) => void
  const publish = (packet: { topic: string }, client: unknown, done?: (error?: Error | null) => void) => {
    const { topic } = packet
    if (typeof done === 'function' && (topic.endsWith('/telemetry') || topic.endsWith('/event'))) return done(null)
    route(packet, client, done)
  }
  aedes.publish = publish as typeof aedes.publish
}

/** Appends end by themselves, but not on a full disk: those messages are not acknowledged and come again. */
const DRAIN_MS = 5_000

/** Resolves when no client waits for an acknowledgement, or there is no more time to wait for it. */
async function drained(clients: ReadonlySet<BrokerClient>, clock: Clock): Promise<void> {
  const limit = clock.monotonic() + DRAIN_MS
  const waiting = () => [...clients].some((client) => !client.closed && (client.keng?.acks.length ?? 0) > 0)
  while (waiting() && clock.monotonic() < limit) await new Promise<void>((resolve) => clock.after(5, resolve))
}
