/** The native event format (contract.md, section 1): bytes to one event of a camera, a button or a device. */

import { createHash } from 'node:crypto'
import { eventTime } from './event-time.ts'
import { isTooDeep, parsePayload, tooDeep } from './parse-payload.ts'
import { type Refusal, refusal, shown } from './refusal.ts'

export type EventPhase = 'start' | 'update' | 'end'

/** Fractions of the picture. */
export type EventBox = readonly [x: number, y: number, width: number, height: number]

/** What an event may say besides its kind. */
export interface EventDetails {
  phase?: EventPhase
  /** 0 to 1. */
  confidence?: number
  zone?: string
  /** Degrees from north. */
  bearing?: number
  box?: EventBox
  snapshot?: string
}

export interface EventItem {
  /** The sender's own id, where it gives one. */
  readonly id: string | undefined
  readonly kind: string
  /** Claimed time in epoch milliseconds, or `absent`. */
  readonly ts: number | 'absent'
  readonly details: Readonly<EventDetails>
  /**
   * By which a resend is recognised: (id, phase, ts), and for a missing id or ts the bytes in its place. Undefined
   * without both: then two equal messages are two events, as when a button is pressed twice.
   */
  readonly identity: string | undefined
  /** Fields that were left out, with the reason. */
  readonly refused: readonly Refusal[]
}

const KIND = /^[a-z][a-z0-9-]{0,63}$/
const MAX_TEXT = 256
const MAX_URL = 2048
const HASH_LENGTH = 22

const isText = (value: unknown, limit: number): boolean => typeof value === 'string' && value.length <= limit
const isWithin = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && value >= min && value <= max

const FIELDS: Readonly<Record<keyof EventDetails, (value: unknown) => boolean>> = {
  phase: (value) => value === 'start' || value === 'update' || value === 'end',
  confidence: (value) => isWithin(value, 0, 1),
  zone: (value) => isText(value, MAX_TEXT),
  bearing: (value) => isWithin(value, 0, 360),
  box: (value) => Array.isArray(value) && value.length === 4 && value.every((side) => isWithin(side, 0, 1)),
  snapshot: (value) => isText(value, MAX_URL),
}

/** One event, or why it is none. A field that cannot be read is left out and said, and does not take a fire down with it. */
export function decodeEvent(payload: Buffer, zone: string): EventItem | Refusal {
  const parsed = parsePayload(payload)
  if (!parsed.ok) return parsed.refusal
  const raw = parsed.value
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return isTooDeep(raw) ? tooDeep() : refusal('KENG_DECODE_EVENT', shown(raw))
  }
  const message = raw as Readonly<Record<string, unknown>>
  const { kind } = message
  if (typeof kind !== 'string' || !KIND.test(kind)) return refusal('KENG_DECODE_EVENT', `kind is ${shown(kind)}`)
  if (isTooDeep(raw)) return tooDeep()
  const ts = eventTime(message.ts, zone)
  if (typeof ts === 'object') return ts
  const { id = null } = message
  if (id !== null && !isText(id, MAX_TEXT) && typeof id !== 'number') {
    return refusal('KENG_DECODE_EVENT', `id is ${shown(id)}`)
  }
  const refused: Refusal[] = []
  const details = readDetails(message, refused)
  const identity = identityOf(id, details.phase, ts, payload)
  return { id: id === null ? undefined : String(id), kind, ts, details, identity, refused }
}

function readDetails(message: Readonly<Record<string, unknown>>, refused: Refusal[]): EventDetails {
  const details: Partial<Record<keyof EventDetails, unknown>> = {}
  for (const [name, isGood] of Object.entries(FIELDS) as [keyof EventDetails, (value: unknown) => boolean][]) {
    const value = message[name]
    if (value === undefined || value === null) continue
    if (isGood(value)) details[name] = value
    else refused.push(refusal('KENG_DECODE_EVENT', `${name} is ${shown(value)} and was left out`))
  }
  return details as EventDetails
}

function identityOf(
  id: unknown,
  phase: EventPhase | undefined,
  ts: number | 'absent',
  payload: Buffer,
): string | undefined {
  if (id === null && ts === 'absent') return undefined
  if (id !== null && ts !== 'absent') return JSON.stringify([String(id), phase ?? '', ts])
  return createHash('sha256').update(payload).digest('base64url').slice(0, HASH_LENGTH)
}
