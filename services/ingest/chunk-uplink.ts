/**
 * The hot path: the QoS 0 and 1 messages of one socket read go to the log in one append, and their PUBACKs back in one
 * write. Aedes' own way (uplink.ts) costs a packet object, a write and two turns of the event loop for each message;
 * it stays for everything else.
 */

import type { PublishPacket, SubscribePacket } from 'aedes'
import { DEFAULT_CELL, type DeviceEntry } from '../../libs/core/device.ts'
import { encodeMessage, telemetryTopic } from '../../libs/core/log/raw-record.ts'
import type { NewRecord } from '../../libs/ports/event-log.ts'
import type { AckWriter } from './ack-writer.ts'
import type { BrokerClient } from './aedes-client.ts'
import type { BackPressure } from './back-pressure.ts'
import type { DeviceConnection } from './device-connection.ts'
import type { IngestCounters } from './ingest-counters.ts'
import type { RawWriter, Stamp } from './raw-writer.ts'
import type { Refusals } from './refusals.ts'
import { parseTopic, publishRight } from './rights.ts'
import { shortenFilters } from './shorten-filters.ts'

export interface ChunkUplinkDeps {
  readonly writer: RawWriter
  readonly lookup: (device: string) => DeviceEntry | undefined
  readonly monotonic: () => number
  readonly backPressure: BackPressure
  readonly acks: AckWriter
  readonly counters: IngestCounters
  readonly refusals: Refusals
}

/** What of one read is gathered for one append. */
interface Chunk {
  readonly stamp: Stamp
  readonly records: NewRecord[]
  /** Message ids of QoS 1. */
  readonly ids: number[]
  bytes: number
}

type Publish = PublishPacket & { payload: Buffer; messageId?: number }

/** Takes over the client's parser. Call once, when the device is authenticated. */
export type AttachUplink = (client: BrokerClient, connection: DeviceConnection) => void

/** A message in flight costs its bytes and about so much for the objects around it. */
export const MESSAGE_OVERHEAD_BYTES = 256

export function createChunkUplink(deps: ChunkUplinkDeps): AttachUplink {
  const { writer, lookup, monotonic, backPressure, acks, counters, refusals } = deps

  const append = (client: BrokerClient, connection: DeviceConnection, { stamp, records, ids, bytes }: Chunk) => {
    if (connection.acks.length === 0) connection.waitingSince = monotonic()
    backPressure.received(client, connection, bytes)
    const complete = connection.acks.place((error) => {
      if (error) client.conn.destroy()
      else if (ids.length > 0) acks.write(client, ids)
    })
    // Only the number: a closure that names the records keeps their bytes for as long as anybody keeps the closure.
    const { length: count } = records
    writer.append(stamp, records, (error) => {
      if (error) counters.failed += count
      else counters.acknowledged += count
      connection.waitingSince = monotonic()
      complete(error)
      backPressure.completed(client, connection, bytes)
    })
  }

  return (client, connection) => {
    const parser = client._parser
    const [viaAedes] = parser.listeners('packet') as ((packet: object) => void)[]
    const parse = parser.parse.bind(parser)
    const ownTelemetry = telemetryTopic(connection.device)
    const cell = lookup(connection.device)?.cell ?? DEFAULT_CELL
    let chunk: Chunk | null = null

    const take = ({ topic, payload, qos, messageId }: Publish, own: boolean) => {
      chunk ??= { stamp: writer.stamp(), records: [], ids: [], bytes: 0 }
      const key = own ? cell : cellOf(topic)
      const { time, receivedAt } = chunk.stamp
      chunk.records.push({ key, time, value: encodeMessage('mqtt', connection.device, topic, receivedAt, payload) })
      if (qos === 1 && messageId !== undefined) chunk.ids.push(messageId)
      const bytes = topic.length + payload.length
      chunk.bytes += bytes + MESSAGE_OVERHEAD_BYTES
      counters.messages++
      counters.bytes += bytes
    }
    /** True where Aedes need not see it. */
    const takeOrRefuse = (packet: Publish): boolean => {
      const own = packet.topic === ownTelemetry
      const right = own ? 'uplink' : publishRight(connection.device, packet.topic, lookup)
      if (right === 'uplink' && packet.qos < 2) {
        take(packet, own)
        return true
      }
      if (right !== 'refused') return false
      endChunk()
      // Here and not in uplink.ts, because some topics Aedes would refuse before it asks, and nobody would count them.
      refusals.refuse('publish', connection.device, packet.topic)
      client.emit('error', new Error('no right to publish to that topic'))
      return true
    }
    const endChunk = () => {
      if (chunk === null) return
      const gathered = chunk
      chunk = null
      // Aedes restarts the timer for each packet it handles [MQTT-3.1.2-24].
      client._keepaliveTimer?.refresh()
      append(client, connection, gathered)
    }
    const cellOf = (topic: string): string => lookup(parseTopic(topic)?.device ?? '')?.cell ?? DEFAULT_CELL

    parser.removeAllListeners('packet')
    parser.on('packet', (packet: { cmd: string }) => {
      if (packet.cmd === 'publish' && takeOrRefuse(packet as Publish)) return
      if (packet.cmd === 'subscribe') shortenFilters((packet as SubscribePacket).subscriptions)
      // What Aedes appends at once must not overtake what was read before it.
      endChunk()
      viaAedes?.call(parser, packet)
    })
    parser.parse = (bytes) => {
      const left = parse(bytes)
      endChunk()
      return left
    }
  }
}
