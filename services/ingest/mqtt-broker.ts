/** The MQTT 3.1.1 broker that ingest and `npm run broker:open` share: Aedes with the bounds and the statements it leaves out. */

import { randomUUID } from 'node:crypto'
import { Aedes, type AedesOptions, type Client } from 'aedes'
import { asBrokerClient, type BrokerClient } from './aedes-client.ts'
import { gateConnect } from './connect-gate.ts'
import { limitPackets, type PacketLimits } from './packet-limit.ts'

export interface MqttBroker {
  readonly aedes: Aedes
  /** Takes a connection of any listener (TCP, TLS, WebSocket). */
  handle(connection: Parameters<Aedes['handle']>[0]): BrokerClient
}

export interface MqttBrokerOptions {
  readonly aedes: AedesOptions
  readonly limits: PacketLimits
  /** The id under which a session is kept, from what CONNECT says; the identity of `open` brokers. */
  readonly sessionId?: (username: string | undefined, clientId: string) => string
}

/** CONNACK with return code 2, identifier rejected [MQTT-3.1.3-8]. */
const IDENTIFIER_REJECTED = Buffer.from([0x20, 2, 0, 2])

interface ConnectPacket {
  clientId: string
  clean?: boolean
  username?: string
  keepalive?: number
}

export async function createMqttBroker(options: MqttBrokerOptions): Promise<MqttBroker> {
  const sessionId = options.sessionId ?? ((_username, clientId) => clientId)
  // MQTT 3.1 allows 23 characters, of the client's own id; Aedes would count what sessionId adds.
  const aedes = new Aedes({ maxClientsIdLength: 65_535, ...options.aedes, preConnect })
  await aedes.listen()

  function preConnect(client: Client, connect: object, done: (error: Error | null, success: boolean) => void): void {
    const packet = connect as ConnectPacket
    if (packet.clientId === '' && packet.clean !== true) {
      // A session that nobody can come back to [MQTT-3.1.3-8]; Aedes would accept it under a name of its own.
      client.conn.write(IDENTIFIER_REJECTED)
      done(new Error('empty client id without clean session'), false)
      return
    }
    asBrokerClient(client).connectKeepalive = packet.keepalive ?? 0
    packet.clientId = sessionId(packet.username, packet.clientId === '' ? `~${randomUUID()}` : packet.clientId)
    done(null, true)
  }

  return {
    aedes,
    handle(connection) {
      const client = asBrokerClient(aedes.handle(connection) as Client)
      limitPackets(client, options.limits)
      gateConnect(client, options.limits.onTooLarge)
      return client
    },
  }
}
