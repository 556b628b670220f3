/** The value of a record of `keng.raw.v1`: an envelope of a few bytes around what arrived. */

/** How a message came in. */
export type Source = 'mqtt' | 'http'

export interface RawMessage {
  readonly kind: 'message'
  readonly source: Source
  /** Who was logged in: the device itself, or the gateway that published for it. */
  readonly publisher: string
  /** The MQTT topic, or for HTTP the one that means the same. */
  readonly topic: string
  /** What the topic is for where it is the publisher's own: nearly always. Null for any other, which `topic` has to tell. */
  readonly own: 'telemetry' | 'event' | null
  /** Wall-clock epoch milliseconds at arrival; the record's own `time` is the log's, which never goes back. */
  readonly receivedAt: number
  readonly payload: Buffer
  /** Bytes of the packet where it was over the limit and `payload` is only its start; null for whole messages. */
  readonly cutFrom: number | null
}

/** Nothing came for a while: the log's clock goes on. */
export interface RawTick {
  readonly kind: 'tick'
  readonly receivedAt: number
}

/** The machine's clock was set. */
export interface RawClockStep {
  readonly kind: 'clock-step'
  readonly receivedAt: number
  /** Milliseconds the wall clock moved by; negative is back. */
  readonly steppedBy: number
}

/** A device was registered or changed: what decode and alert need of it, at this place in the order. */
export interface RawDevice {
  readonly kind: 'device'
  readonly receivedAt: number
  /** JSON of a DeviceEntry without its token, or `{"id":…,"deleted":true}`. */
  readonly entry: Buffer
}

export type RawRecord = RawMessage | RawTick | RawClockStep | RawDevice

// byte 0 kind, byte 1 source and topic form, byte 2 length of the publisher, bytes 3-4 length of the topic, 5-12 receivedAt, then publisher, topic, payload.
const HEADER = 13
const KIND = { message: 1, tick: 2, 'clock-step': 3, device: 4 } as const
const SOURCE_HTTP = 1
const FORM_TELEMETRY = 2
const FORM_EVENT = 4
const FORM_CUT = 8
const CUT_BYTES = 4

/** What every native topic begins with (contract.md, section 1). */
export const TOPIC_PREFIX = 'keng/v1/'
export const telemetryTopic = (device: string): string => `${TOPIC_PREFIX}${device}/telemetry`
export const eventTopic = (device: string): string => `${TOPIC_PREFIX}${device}/event`

/** Encodes a message. A device's own two topics are one bit each instead of their text: they are nearly all of the traffic. */
export function encodeMessage(
  source: Source,
  publisher: string,
  topic: string,
  receivedAt: number,
  payload: Uint8Array,
): Buffer {
  const own = topic.startsWith(publisher, TOPIC_PREFIX.length) && topic.startsWith(TOPIC_PREFIX)
  const rest = own ? topic.slice(TOPIC_PREFIX.length + publisher.length) : ''
  const form = rest === '/telemetry' ? FORM_TELEMETRY : rest === '/event' ? FORM_EVENT : 0
  const topicBytes = form === 0 ? Buffer.byteLength(topic) : 0
  const at = HEADER + publisher.length
  const bytes = Buffer.allocUnsafe(at + topicBytes + payload.length)
  bytes[0] = KIND.message
  bytes[1] = form | (source === 'http' ? SOURCE_HTTP : 0)
  bytes[2] = publisher.length
  bytes.writeUInt16LE(topicBytes, 3)
  bytes.writeDoubleLE(receivedAt, 5)
  bytes.write(publisher, HEADER, 'latin1')
  if (topicBytes > 0) bytes.write(topic, at)
  bytes.set(payload, at + topicBytes)
  return bytes
}

/** Encodes the start of a packet that was over the limit and dropped; `length` is what it announced. */
export function encodeOversized(
  publisher: string,
  topic: string,
  receivedAt: number,
  length: number,
  head: Uint8Array,
): Buffer {
  const body = Buffer.alloc(CUT_BYTES + head.length)
  body.writeUInt32LE(length)
  body.set(head, CUT_BYTES)
  const bytes = encodeMessage('mqtt', publisher, topic, receivedAt, body)
  bytes[1] = (bytes[1] ?? 0) | FORM_CUT
  return bytes
}

function encodeSmall(kind: keyof typeof KIND, receivedAt: number, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEADER + body.length)
  bytes[0] = KIND[kind]
  bytes.writeDoubleLE(receivedAt, 5)
  bytes.set(body, HEADER)
  return bytes
}

export const encodeTick = (receivedAt: number): Buffer => encodeSmall('tick', receivedAt, Buffer.alloc(0))

export function encodeClockStep(receivedAt: number, steppedBy: number): Buffer {
  const body = Buffer.alloc(8)
  body.writeDoubleLE(steppedBy)
  return encodeSmall('clock-step', receivedAt, body)
}

export const encodeDevice = (receivedAt: number, entry: Uint8Array): Buffer => encodeSmall('device', receivedAt, entry)

/** True where the record is a message of a device, without decoding it. */
export const isMessage = (value: Uint8Array): boolean => value[0] === KIND.message

/** The publisher of a message record, without decoding the rest. */
export function publisherOf(value: Uint8Array): string {
  const length = value[2] ?? 0
  return Buffer.from(value.buffer, value.byteOffset + HEADER, length).toString('latin1')
}

/** Decodes a record's value; the payload is a view, not a copy. Throws RangeError on bytes that no version of this file wrote. */
export function decodeRaw(value: Uint8Array): RawRecord {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length)
  if (bytes.length < HEADER) throw new RangeError(`raw record of ${bytes.length} bytes; at least ${HEADER} expected`)
  const receivedAt = bytes.readDoubleLE(5)
  switch (bytes[0]) {
    case KIND.message:
      return decodeMessage(bytes, receivedAt)
    case KIND.tick:
      return { kind: 'tick', receivedAt }
    case KIND['clock-step']:
      return { kind: 'clock-step', receivedAt, steppedBy: bytes.readDoubleLE(HEADER) }
    case KIND.device:
      return { kind: 'device', receivedAt, entry: bytes.subarray(HEADER) }
    default:
      throw new RangeError(`raw record of kind ${bytes[0]}; this version knows 1 to 4`)
  }
}

function decodeMessage(bytes: Buffer, receivedAt: number): RawMessage {
  const form = bytes[1] ?? 0
  const at = HEADER + (bytes[2] ?? 0)
  const end = at + bytes.readUInt16LE(3)
  const publisher = bytes.toString('latin1', HEADER, at)
  const own = (form & FORM_TELEMETRY) !== 0 ? 'telemetry' : (form & FORM_EVENT) !== 0 ? 'event' : null
  const topic =
    own === 'telemetry'
      ? telemetryTopic(publisher)
      : own === 'event'
        ? eventTopic(publisher)
        : bytes.toString('utf8', at, end)
  const source = (form & SOURCE_HTTP) !== 0 ? 'http' : 'mqtt'
  if ((form & FORM_CUT) === 0) {
    return { kind: 'message', source, publisher, topic, own, receivedAt, payload: bytes.subarray(end), cutFrom: null }
  }
  const cutFrom = bytes.readUInt32LE(end)
  return {
    kind: 'message',
    source,
    publisher,
    topic,
    own,
    receivedAt,
    payload: bytes.subarray(end + CUT_BYTES),
    cutFrom,
  }
}
