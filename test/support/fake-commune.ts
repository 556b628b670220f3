/** A made-up commune for tests of the page: stations, history, alerts and a ledger, the same for the same start. */

import { channelOf } from '../../libs/core/catalogue/channels.ts'
import type { FlagName } from '../../libs/core/reading.ts'
import type {
  WireAlert,
  WireArrival,
  WireDevice,
  WireLedger,
  WirePoint,
  WireRejection,
} from '../../services/dashboard/wire/wire.ts'

export interface FakeStation {
  readonly id: string
  readonly name: string
  readonly channels: readonly string[]
  /** Milliseconds since it was last heard, at the start; null for one that never spoke. */
  readonly silentForMs?: number | null
}

const MINUTE_MS = 60_000
const NAMES = [
  'Cầu Ông Thìn',
  'Cống Bà Bông',
  'Đầm Sen',
  'Kênh Xáng',
  'Trạm bơm Phú Thạnh',
  'Hồ Tây Ninh',
  'Rạch Gốc',
  'Ấp Mới',
  'Vàm Láng',
  'Cái Nước',
]
const WATER = ['water.ph', 'water.level', 'water.turbidity', 'water.salinity', 'water.temperature', 'device.battery']
/** Middle and swing of each channel's daily curve. */
const CURVES: Readonly<Record<string, readonly [middle: number, swing: number]>> = {
  'water.ph': [7.2, 0.35],
  'water.level': [1.6, 0.7],
  'water.turbidity': [32, 9],
  'water.salinity': [1.8, 0.9],
  'water.temperature': [28.4, 1.6],
  'device.battery': [83, 6],
}

/** The first stations of every fake commune are the same; more are made by number. */
export function fakeStations(count: number): FakeStation[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `ws-${String(index + 1).padStart(2, '0')}`,
    name:
      index < NAMES.length
        ? (NAMES[index] ?? '')
        : `${NAMES[index % NAMES.length]} ${Math.floor(index / NAMES.length) + 1}`,
    channels: index % 5 === 4 ? [...WATER, 'irrigation.valve', 'water.mystery'] : WATER,
    ...(index === 3 ? { silentForMs: 25 * MINUTE_MS } : {}),
    ...(index === 6 ? { silentForMs: null } : {}),
  }))
}

const phaseOf = (text: string): number =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) / 997

/** The value of a channel at a time, rounded to its usual step. */
export function fakeValue(device: string, channel: string, ts: number): number | boolean {
  const about = channelOf(channel)
  const phase = phaseOf(device + channel) * 2 * Math.PI
  if (about?.unit === 'bool') return Math.sin(ts / 3_600_000 + phase) > 0
  const [middle, swing] = CURVES[channel] ?? [50, 20]
  const wobble = 0.12 * Math.sin(ts / 311_000 + phase) + 0.06 * Math.sin(ts / 97_000)
  const value = middle + swing * (Math.sin((ts / 86_400_000) * 2 * Math.PI + phase) + wobble)
  const step = about?.step ?? 0.1
  return Number((Math.round(value / step) * step).toFixed(4))
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** History at one reading a minute, with a hole of nine minutes and a few flagged points each hour; buckets where `everyMs` is not 0. */
export function fakeHistory(
  device: string,
  channel: string,
  from: number,
  to: number,
  everyMs: number,
  fn: string,
): WirePoint[] {
  const points: WirePoint[] = []
  const step = everyMs === 0 ? MINUTE_MS : everyMs
  const isBool = channelOf(channel)?.unit === 'bool'
  const [, swing] = CURVES[channel] ?? [50, 20]
  for (let ts = Math.ceil(from / step) * step; ts < to; ts += step) {
    const minute = Math.floor((to - ts) / MINUTE_MS)
    if (everyMs === 0 ? minute >= 20 && minute < 29 : minute >= 200 && minute < 290) continue
    let value = fakeValue(device, channel, ts)
    const flags: FlagName[] = ['simulated']
    if (everyMs === 0 && !isBool && minute === 41) {
      flags.push('out-of-range')
      value = Number(value) + swing * 9
    } else if (everyMs === 0 && !isBool && minute === 47) {
      flags.push('spike')
      value = Number(value) + swing * 0.3
    }
    if (typeof value === 'number' && fn === 'min') value -= swing * 0.12
    if (typeof value === 'number' && fn === 'max') value += swing * 0.12
    points.push([iso(ts), value, flags])
  }
  return points
}

export function fakeDevice(station: FakeStation, now: number): WireDevice {
  const silentForMs = station.silentForMs === undefined ? (phaseOf(station.id) * MINUTE_MS) / 2 : station.silentForMs
  const facts = { id: station.id, name: station.name, cell: 'default', expectedIntervalSeconds: 60, simulated: true }
  if (silentForMs === null) return { ...facts, latest: {}, health: { state: 'unknown', lastReceivedAt: null } }
  const ts = now - silentForMs
  const latest = Object.fromEntries(
    station.channels.map((channel) => {
      const flags: FlagName[] = channel === 'water.mystery' ? ['unknown-channel', 'simulated'] : ['simulated']
      return [
        channel,
        {
          value: fakeValue(station.id, channel, ts),
          unit: channelOf(channel)?.unit ?? null,
          ts: iso(ts),
          receivedAt: iso(ts + 40),
          flags,
        },
      ]
    }),
  )
  return {
    ...facts,
    latest,
    health: { state: silentForMs > 2 * MINUTE_MS ? 'silent' : 'reporting', lastReceivedAt: iso(ts + 40) },
  }
}

export function fakeArrival(
  device: string,
  channel: string,
  now: number,
  given?: { value?: number | boolean; flags?: readonly FlagName[] },
): WireArrival {
  const value = given?.value ?? fakeValue(device, channel, now)
  return {
    device,
    channel,
    unit: channelOf(channel)?.unit ?? null,
    receivedAt: iso(now),
    points: [[iso(now - 30), value, ['simulated', ...(given?.flags ?? [])]]],
  }
}

export type FakeAlertFacts = Pick<WireAlert, 'id' | 'device' | 'severity' | 'message'> & {
  readonly channel: string
  readonly value: number
  readonly openedAt: number
}

export function fakeAlert(facts: FakeAlertFacts): WireAlert {
  const { id, device, channel, severity, message, value, openedAt } = facts
  const at = iso(openedAt)
  return {
    id,
    rule: `${channel}-limit`,
    subject: `${device}/${channel}`,
    device,
    area: null,
    cell: 'default',
    severity,
    state: 'active',
    acknowledged: null,
    hidden: null,
    stale: false,
    retrospective: false,
    simulated: true,
    openedAt: at,
    returnedAt: null,
    closedAt: null,
    message,
    evidence: [{ device, channel, unit: channelOf(channel)?.unit ?? null, ts: at, value, receivedAt: at, flags: [] }],
    history: [{ type: 'opened', at, by: null, comment: null }],
  }
}

export const FAKE_LEDGER: WireLedger = {
  received: 12_345,
  stored: 12_290,
  partial: 4,
  duplicate: 41,
  rejected: 9,
  inFlight: 1,
}

export function fakeRejections(now: number): WireRejection[] {
  const codes = [
    ['KENG_DECODE_SYNTAX', 'the payload is not JSON: send one JSON object, or an array of up to 1,000', '{"ts":'],
    [
      'KENG_DECODE_VALUE',
      'the value of water.ph is not a finite number: send a finite number or true or false',
      '{"values":{"water.ph":1e999}}',
    ],
    [
      'KENG_DECODE_DEVICE',
      'the device is not registered: register it, or send under the name it is registered by',
      '{}',
    ],
  ] as const
  return codes.map(([code, message, payload], index) => ({
    id: `0-${900 - index}-0`,
    device: `ws-0${index + 1}`,
    topic: `keng/v1/ws-0${index + 1}/telemetry`,
    code,
    message,
    receivedAt: iso(now - index * 17 * MINUTE_MS),
    payload,
    payloadEncoding: 'utf-8',
    payloadBytes: payload.length,
  }))
}
