/** What happens to packets over the limit: the connection is cut, the third time in an hour the packet is dropped instead. */

import { DEFAULT_CELL, type DeviceEntry } from '../../libs/core/device.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import type { IngestCounters } from './ingest-counters.ts'
import { type PacketLimits, SKIP_LIMIT_BYTES, type SkippedPacket } from './packet-limit.ts'
import type { RawWriter } from './raw-writer.ts'
import type { Refusals } from './refusals.ts'
import { publishRight } from './rights.ts'

export interface OversizeDeps {
  readonly writer: RawWriter
  readonly clock: Clock
  readonly counters: IngestCounters
  readonly refusals: Refusals
  readonly lookup: (device: string) => DeviceEntry | undefined
}

const HOUR_MS = 3_600_000
/** A device with a persistent queue would send the same packet for ever: from this time on it is read and dropped. */
const SKIP_FROM = 3

/** Devices that sent one in the last hour; there are never more than are registered. */
export function createOversizePolicy({ writer, clock, counters, refusals, lookup }: OversizeDeps): PacketLimits {
  const seen = new Map<string, number[]>()

  const timesWithinHour = (device: string): number => {
    const now = clock.monotonic()
    const times = [...(seen.get(device) ?? []).filter((time) => now - time < HOUR_MS), now]
    seen.set(device, times.slice(-SKIP_FROM))
    return times.length
  }

  return {
    onTooLarge(client, length) {
      const device = client.keng?.device
      refusals.refuse('too-large', device, `${length} bytes`)
      if (device === undefined || length > SKIP_LIMIT_BYTES) return 'cut'
      return timesWithinHour(device) >= SKIP_FROM ? 'skip' : 'cut'
    },
    onSkipped(client, packet) {
      counters.skippedPackets++
      const connection = client.keng
      const publish = readPublish(packet)
      if (connection === undefined || publish === null) return void client.conn.destroy()
      if (publishRight(connection.device, publish.topic, lookup) !== 'uplink') return void client.conn.destroy()
      const acknowledge = connection.acks.place((error) => {
        if (error) client.conn.destroy()
        else if (packet.qos > 0 && !client.closed) client.conn.write(acknowledgement(packet.qos, publish.messageId))
      })
      const cell = lookup(connection.device)?.cell ?? DEFAULT_CELL
      writer.oversized(cell, connection.device, publish.topic, packet.length, publish.payload, acknowledge)
    },
  }
}

/** Topic, message id and the start of the payload [MQTT 3.3.2]. */
function readPublish({
  command,
  qos,
  head,
}: SkippedPacket): { topic: string; messageId: number; payload: Buffer } | null {
  if (command !== 'publish' || head.length < 2) return null
  const end = 2 + head.readUInt16BE(0)
  const start = end + (qos > 0 ? 2 : 0)
  if (start > head.length) return null
  return {
    topic: head.toString('utf8', 2, end),
    messageId: qos > 0 ? head.readUInt16BE(end) : 0,
    payload: head.subarray(start),
  }
}

/** PUBACK for QoS 1, PUBREC for QoS 2: Aedes never saw the packet. Its PUBREL is answered by Aedes. */
const acknowledgement = (qos: number, messageId: number): Buffer =>
  Buffer.from([qos === 1 ? 0x40 : 0x50, 2, messageId >> 8, messageId & 0xff])
