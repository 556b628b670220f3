/** The native telemetry format (contract.md, section 1): bytes to messages, each judged by itself. */

import { FLAG } from '../reading.ts'
import { type EventTime, eventTime } from './event-time.ts'
import { isTooDeep, parsePayload, tooDeep } from './parse-payload.ts'
import { type Refusal, refusal, shown } from './refusal.ts'

/** One message as it was meant; channel names are still the device's own. */
export interface TelemetryItem {
  /** Claimed time in epoch milliseconds, or `absent`: then the arrival counts. */
  readonly ts: number | 'absent'
  /** Exact identity, where the device gives both; boot is undefined otherwise. */
  readonly boot: string | undefined
  readonly seq: number
  /** Bits of FLAG: 0, calibrating or fault. */
  readonly status: number
  /** Names and values side by side; booleans are 0 and 1, all values finite. Empty where the message is refused whole. */
  readonly names: readonly string[]
  readonly values: readonly number[]
  readonly refused: readonly Refusal[]
}

export const MAX_ITEMS = 1000
const MAX_BOOT_LENGTH = 64
const NONE: readonly never[] = []

interface Message {
  readonly ts?: unknown
  readonly boot?: unknown
  readonly seq?: unknown
  readonly status?: unknown
  readonly values?: unknown
}

const OWN_FIELDS: ReadonlySet<string> = new Set(['ts', 'boot', 'seq', 'status', 'values'])

/**
 * One item a message, in the order of the payload, never none: what cannot be read at all is one refused item.
 * `zone` is the IANA zone of time stamps without an offset.
 */
export function decodeTelemetry(payload: Buffer, zone: string): readonly TelemetryItem[] {
  const parsed = parsePayload(payload)
  if (!parsed.ok) return [refusedItem(parsed.refusal)]
  const root = parsed.value
  if (!Array.isArray(root)) return [decodeItem(root, zone)]
  if (root.length > MAX_ITEMS) {
    return [refusedItem(refusal('KENG_DECODE_TOO_MANY_ITEMS', `${root.length}, limit ${MAX_ITEMS}`))]
  }
  if (root.length === 0) return [refusedItem(refusal('KENG_DECODE_NO_VALUES', 'an empty array'))]
  return root.map((item) => decodeItem(item, zone))
}

const refusedItem = (reason: Refusal): TelemetryItem => ({
  ts: 'absent',
  boot: undefined,
  seq: 0,
  status: 0,
  names: NONE,
  values: NONE,
  refused: [reason],
})

function decodeItem(raw: unknown, zone: string): TelemetryItem {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return refusedItem(isTooDeep(raw) ? tooDeep() : refusal('KENG_DECODE_SHAPE', shown(raw)))
  }
  const message: Message = raw
  const ts: EventTime = eventTime(message.ts, zone)
  if (typeof ts === 'object') return refusedItem(ts)
  const status = statusFlag(message.status)
  if (status === undefined) return refusedItem(refusal('KENG_DECODE_STATUS', shown(message.status)))
  // null is how many serialisers write "absent".
  const { boot = null, seq = null } = message
  if (!isBoot(boot) || !isSequence(seq)) {
    return refusedItem(refusal('KENG_DECODE_SEQUENCE', `boot ${shown(boot)}, seq ${shown(seq)}`))
  }
  const { values } = message
  if (values !== undefined && (typeof values !== 'object' || values === null || Array.isArray(values))) {
    return refusedItem(isTooDeep(raw) ? tooDeep() : refusal('KENG_DECODE_SHAPE', `values is ${shown(values)}`))
  }
  const identified = boot !== null && seq !== null
  return readValues(raw, values, ts, identified ? String(boot) : undefined, seq ?? 0, status)
}

function readValues(
  raw: object,
  nested: object | undefined,
  ts: number | 'absent',
  boot: string | undefined,
  seq: number,
  status: number,
): TelemetryItem {
  const fields = (nested ?? raw) as Readonly<Record<string, unknown>>
  const names = Object.keys(fields)
  const values = new Array<number>(names.length)
  for (let index = 0; index < names.length; index++) {
    const value = fields[names[index] ?? '']
    if (nested === undefined || typeof value !== 'number' || !Number.isFinite(value)) {
      return sortOut(raw, nested, { ts, boot, seq, status })
    }
    values[index] = value + 0
  }
  if (names.length === 0) return refusedItem(refusal('KENG_DECODE_NO_VALUES', 'no value in it'))
  return { ts, boot, seq, status, names, values, refused: NONE }
}

/** The same where not all that is there is a number inside `values`. */
function sortOut(
  raw: object,
  nested: object | undefined,
  head: Pick<TelemetryItem, 'ts' | 'boot' | 'seq' | 'status'>,
): TelemetryItem {
  const names: string[] = []
  const values: number[] = []
  const refused: Refusal[] = []
  let isDepthKnown = false
  for (const [name, value] of Object.entries(nested ?? raw)) {
    if (typeof value === 'object' && value !== null && !isDepthKnown) {
      if (isTooDeep(raw)) return refusedItem(tooDeep())
      isDepthKnown = true
    }
    // Without `values` only numbers and booleans are meant as values: texts and objects beside them are not refused.
    if (nested === undefined && (OWN_FIELDS.has(name) || (typeof value !== 'number' && typeof value !== 'boolean'))) {
      continue
    }
    const number = toNumber(value)
    if (number === undefined) {
      refused.push(refusal('KENG_DECODE_VALUE', `${shown(name)} is ${shown(value)}`))
    } else {
      names.push(name)
      values.push(number)
    }
  }
  if (names.length === 0 && refused.length === 0) {
    return refusedItem(refusal('KENG_DECODE_NO_VALUES', 'no number or boolean in it'))
  }
  return { ...head, names, values, refused }
}

/** A finite number with -0 made 0, booleans as 0 and 1; undefined for all else, text that looks like a number too. */
function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : undefined
  if (typeof value === 'boolean') return value ? 1 : 0
  return undefined
}

function statusFlag(status: unknown): number | undefined {
  if (status === undefined || status === null || status === 'measuring') return 0
  if (status === 'calibrating') return FLAG.calibrating
  return status === 'fault' ? FLAG.fault : undefined
}

const isBoot = (boot: unknown): boot is string | number | null =>
  boot === null || (typeof boot === 'string' ? boot.length <= MAX_BOOT_LENGTH : Number.isFinite(boot))

const isSequence = (seq: unknown): seq is number | null =>
  seq === null || (Number.isSafeInteger(seq) && Number(seq) >= 0)
