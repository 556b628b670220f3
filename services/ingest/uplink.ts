/** One PUBLISH by way of Aedes (QoS 2, wills, what chunk-uplink.ts leaves), from its rights to its acknowledgement. */

import type { PublishPacket } from 'aedes'
import { DEFAULT_CELL } from '../../libs/core/device.ts'
import { TOPIC_PREFIX } from '../../libs/core/log/raw-record.ts'
import type { Completed } from './ack-queue.ts'
import { asBrokerClient, type BrokerClient } from './aedes-client.ts'
import { type ChunkUplinkDeps, MESSAGE_OVERHEAD_BYTES } from './chunk-uplink.ts'
import type { DeviceConnection } from './device-connection.ts'
import type { InboundWindow } from './inbound-window.ts'
import type { RefusedReason } from './ingest-counters.ts'
import { parseTopic, publishRight } from './rights.ts'

/** As the hot path is given, with the QoS 2 window in place of its PUBACK writer. */
export interface UplinkDeps extends Omit<ChunkUplinkDeps, 'acks'> {
  readonly inbound: InboundWindow
}

type Done = (error?: Error | null) => void
/** What Aedes hands over; mqtt-packet always gives a buffer here. */
type Publish = PublishPacket & { messageId?: number; payload: Buffer }

/** The status a device may retain is a few bytes: retained messages are kept in memory. */
const STATUS_LIMIT_BYTES = 1024

export type Uplink = (client: BrokerClient | null, packet: PublishPacket, done: Done) => void

/**
 * Aedes calls it for every PUBLISH and will before it acknowledges (aedes/lib/handlers/publish.js, publishActions):
 * an error cuts the connection, so it is for rights only and never for payloads.
 */
export function createUplink(deps: UplinkDeps): Uplink {
  const { writer, lookup, monotonic, inbound, backPressure, counters, refusals } = deps

  const refuse = (client: BrokerClient | null, reason: RefusedReason, topic: string, done: Done) => {
    refusals.refuse(reason, client?.keng?.device, topic)
    done(new Error(`no right to publish to ${topic}`))
  }

  const append = (client: BrokerClient, connection: DeviceConnection, packet: Publish, complete: Completed) => {
    const { topic, payload } = packet
    const bytes = topic.length + payload.length
    const cost = bytes + MESSAGE_OVERHEAD_BYTES
    const device = topic.startsWith(connection.device, TOPIC_PREFIX.length)
      ? connection.device
      : parseTopic(topic)?.device
    counters.messages++
    counters.bytes += bytes
    backPressure.received(client, connection, cost)
    writer.message(lookup(device ?? '')?.cell ?? DEFAULT_CELL, 'mqtt', connection.device, topic, payload, (error) => {
      if (error) counters.failed++
      else counters.acknowledged++
      connection.waitingSince = monotonic()
      complete(error)
      backPressure.completed(client, connection, cost)
    })
  }

  const appendOnce = (client: BrokerClient, connection: DeviceConnection, packet: Publish, answer: Completed) => {
    const messageId = packet.messageId ?? 0
    const state = inbound.receive(connection.session, messageId, answer)
    if (state === 'stored') answer(null)
    else if (state === 'full') {
      refusals.refuse('inbound-window', connection.device, packet.topic)
      answer(new Error('too many QoS 2 messages await PUBREL'))
    } else if (state === 'append') {
      append(client, connection, packet, (error) => {
        inbound.settle(connection.session, messageId, error)
        if (client.clean && client.closed) inbound.forget(connection.session)
      })
    }
  }

  return (client, published, done) => {
    const packet = published as Publish
    const connection = client === null ? undefined : asBrokerClient(client).keng
    if (client === null || connection === undefined) return refuse(client, 'will', packet.topic, done)
    const right = publishRight(connection.device, packet.topic, lookup)
    if (right === 'refused') return refuse(client, 'publish', packet.topic, done)
    if (right === 'status') {
      if (packet.payload.length > STATUS_LIMIT_BYTES) return refuse(client, 'too-large', packet.topic, done)
      return done(null)
    }
    if (connection.acks.length === 0) connection.waitingSince = monotonic()
    const answer = connection.acks.place(done)
    if (packet.qos === 2) appendOnce(client, connection, packet, answer)
    else append(client, connection, packet, answer)
  }
}
