/** PUBLISH packets encoded beforehand, one a slot of the window; only the digits of ts and seq are written while the load runs. */

const SEQ_START = 1_000_000_000
const TS_DIGITS = 13
const SEQ_DIGITS = 10

export interface PacketRing {
  readonly bytes: Buffer
  /** Bytes of a packet: slot n begins at n × size. The packet id of a slot is its number plus one. */
  readonly size: number
  /** Makes the slot the message number `count` of this device, with this time. */
  write(slot: number, ts: number, count: number): void
}

export function createPacketRing(
  device: string,
  boot: string,
  window: number,
  qosOf: (slot: number) => 1 | 2,
): PacketRing {
  // Five values of a water station, all inside their ranges: no rule of the pack finds anything in them.
  const payload = `{"ts":${'0'.repeat(TS_DIGITS)},"boot":"${boot}","seq":${SEQ_START},"values":{"water.ph":7.21,"water.turbidity":3.40,"water.dissolved_oxygen":6.25,"water.temperature":27.45,"device.battery":61.50}}`
  const topic = Buffer.from(`keng/v1/${device}/telemetry`)
  const packet = (slot: number) => {
    const qos = qosOf(slot)
    const body = Buffer.concat([lengthPrefixed(topic), uint16(slot + 1), Buffer.from(payload)])
    return Buffer.concat([Buffer.from([0x30 | (qos << 1)]), remainingLength(body.length), body])
  }
  const bytes = Buffer.concat(Array.from({ length: window }, (_, slot) => packet(slot)))
  const size = bytes.length / window
  const tsAt = bytes.indexOf('"ts":') + 5
  const seqAt = bytes.indexOf('"seq":') + 6
  // The last digit of a value moves too: a sensor that never moves would be flagged as stuck.
  const movingAt = ['7.21', '3.40', '6.25', '27.45', '61.50'].map((value) => bytes.indexOf(value) + value.length - 1)
  return {
    bytes,
    size,
    write(slot, ts, count) {
      const at = slot * size
      writeDigits(bytes, at + tsAt, TS_DIGITS, ts)
      writeDigits(bytes, at + seqAt, SEQ_DIGITS, SEQ_START + count)
      const digit = 0x30 + (count % 10)
      for (const moving of movingAt) bytes[at + moving] = digit
    },
  }
}

/** CONNECT of MQTT 3.1.1 with a clean session. */
export function connectPacket(clientId: string, keepAliveSeconds: number, token: string | undefined): Buffer {
  const login = token === undefined ? [] : [lengthPrefixed(Buffer.from(clientId)), lengthPrefixed(Buffer.from(token))]
  const flags = token === undefined ? 0x02 : 0xc2
  const body = Buffer.concat([
    lengthPrefixed(Buffer.from('MQTT')),
    Buffer.from([4, flags]),
    uint16(keepAliveSeconds),
    lengthPrefixed(Buffer.from(clientId)),
    ...login,
  ])
  return Buffer.concat([Buffer.from([0x10]), remainingLength(body.length), body])
}

function writeDigits(bytes: Buffer, at: number, digits: number, value: number): void {
  let rest = value
  for (let digit = at + digits - 1; digit >= at; digit--) {
    const tenth = Math.floor(rest / 10)
    bytes[digit] = 0x30 + (rest - tenth * 10)
    rest = tenth
  }
}

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])

const lengthPrefixed = (bytes: Buffer): Buffer => Buffer.concat([uint16(bytes.length), bytes])

/** MQTT 3.1.1, section 2.2.3. */
function remainingLength(length: number): Buffer {
  const bytes: number[] = []
  for (let rest = length; ; ) {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low | 0x80 : low)
    if (rest === 0) return Buffer.from(bytes)
  }
}
