/** Valid MQTT packets of every kind, and what bad luck or bad will makes of them. */

import mqttPacket, { type Packet } from 'mqtt-packet'

import type { SeededRandom } from './seeded-random.ts'

const OWN = ['keng/v1/ws-1/telemetry', 'keng/v1/ws-1/event', 'keng/v1/ws-1/status'] as const
const TOPICS = [
  'keng/v1/ws-1/telemetry',
  'keng/v1/ws-1/event',
  'keng/v1/ws-1/status',
  'keng/v1/ws-1/rejected',
  'keng/v1/ws-2/telemetry',
  '$SYS/a',
  '#',
  '+/+',
] as const

const PAYLOADS = ['', '{"values":{"water.ph":7}}', '{"online":true}', 'x'.repeat(3_000)] as const

/** What a device may send at any time. */
export function goodPacket(random: SeededRandom): Buffer {
  const messageId = 1 + random.below(20)
  const packets: readonly [Packet, ...Packet[]] = [
    publish(random, random.pick(OWN), messageId),
    { cmd: 'subscribe', messageId, subscriptions: TOPICS.map((topic) => ({ topic, qos: 1 })) },
    { cmd: 'unsubscribe', messageId, unsubscriptions: ['keng/v1/ws-1/rejected', 'keng/v1/ws-1/status'] },
    { cmd: 'pubrel', messageId },
    { cmd: 'pingreq' },
  ]
  return mqttPacket.generate(random.pick(packets))
}

/** A packet of any kind, from a device or as from a server, to any topic. */
export function anyPacket(random: SeededRandom): Buffer {
  if (random.chance(0.7)) return goodPacket(random)
  const messageId = 1 + random.below(20)
  const packets: readonly [Packet, ...Packet[]] = [
    publish(random, random.pick(TOPICS), messageId),
    { cmd: random.pick(['puback', 'pubrec', 'pubcomp'] as const), messageId },
    { cmd: random.pick(['pingresp', 'disconnect'] as const) },
    connectPacket(random, 'token-of-ws-1'),
    { cmd: 'connack', returnCode: 0, sessionPresent: false },
    { cmd: 'suback', messageId, granted: [1] },
  ]
  return mqttPacket.generate(random.pick(packets))
}

function publish(random: SeededRandom, topic: string, messageId: number): Packet {
  const qos = random.pick([0, 1, 2] as const)
  const payload = random.pick(PAYLOADS)
  return {
    cmd: 'publish',
    topic,
    payload,
    qos,
    retain: random.chance(0.3),
    dup: qos > 0 && random.chance(0.3),
    messageId,
  }
}

/** A right CONNECT, at times with a will. Sessions that go on are a few, as of one device. */
export function connectPacket(random: SeededRandom, password: string): Packet {
  const clean = random.chance(0.7)
  const will = { topic: random.pick(TOPICS), payload: Buffer.from('{"online":false}'), qos: 1, retain: true } as const
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: clean ? random.next().toString(36) : random.pick(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']),
    clean,
    keepalive: random.below(100),
    username: 'ws-1',
    password: Buffer.from(password),
    ...(random.chance(0.1) ? { will } : {}),
  }
}

const TELLING_BYTES = [0x00, 0x01, 0x7f, 0x80, 0xff] as const

/** A change or two; mostly the length is set right again, so that the change is looked at and not the length. */
export function mutate(bytes: Buffer, random: SeededRandom): Buffer {
  let changed: Buffer = Buffer.from(bytes)
  for (let times = 1 + random.below(2); times > 0; times--) changed = change(changed, random)
  return random.chance(0.8) ? withRightLength(changed) : changed
}

function change(bytes: Buffer, random: SeededRandom): Buffer {
  // Mostly behind the fixed header, where there is more to get wrong than the packet's kind.
  const at = random.chance(0.8)
    ? Math.min(bytes.length, 2 + random.below(bytes.length))
    : random.below(bytes.length + 1)
  const until = Math.min(bytes.length, at + 1 + random.below(16))
  const byte = bytes[at] ?? 0
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from([byte ^ (1 << random.below(8))]),
        bytes.subarray(at + 1),
      ])
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.pick(TELLING_BYTES)]), bytes.subarray(at + 1)])
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(until)])
    case 3: {
      const inserted = Buffer.from(Array.from({ length: random.below(12) }, () => random.below(256)))
      return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)])
    }
    case 4:
      return Buffer.concat([bytes.subarray(0, until), bytes.subarray(at, until), bytes.subarray(until)])
    default:
      return bytes.subarray(0, at)
  }
}

/** The same type and body with a fixed header that fits them [MQTT 2.2.3]. */
function withRightLength(bytes: Buffer): Buffer {
  let start = 1
  while (start < 4 && (bytes[start] ?? 0) >= 0x80) start++
  const body = bytes.subarray(start + 1)
  const header = [bytes[0] ?? 0]
  for (let left = body.length; ; left = Math.floor(left / 128)) {
    header.push(left < 128 ? left : (left % 128) | 0x80)
    if (left < 128) return Buffer.concat([Buffer.from(header), body])
  }
}
