/** The time stamp of a message: epoch milliseconds or ISO 8601. */

import { type Refusal, refusal, shown } from './refusal.ts'
import { timeZone } from './time-zone.ts'

/** Epoch milliseconds; `absent` where there is none (then the arrival counts). */
export type EventTime = number | 'absent' | Refusal

// The range of ECMAScript's Date: beyond it no part of the flow could show the time.
const MAX_TIME = 8.64e15
const MINUTE_MS = 60_000

const EXTENDED =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?$/
const BASIC = /^(\d{4})(\d\d)(\d\d)[Tt](\d\d)(\d\d)(?:(\d\d)(?:[.,](\d+))?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?$/
const MAX_ISO_LENGTH = 64

/** Reads `ts`. Fractions of a millisecond are cut off; text without an offset is wall-clock time in the zone `zone`. */
export function eventTime(ts: unknown, zone: string): EventTime {
  if (typeof ts === 'number') {
    // Adding 0 turns -0 into 0.
    return Math.abs(ts) <= MAX_TIME ? Math.floor(ts) + 0 : refusal('KENG_DECODE_TIME', `${ts} is no epoch millisecond`)
  }
  if (ts === undefined || ts === null) return 'absent'
  if (typeof ts !== 'string') return refusal('KENG_DECODE_TIME', shown(ts))
  return isoTime(ts, zone)
}

function isoTime(text: string, zone: string): number | Refusal {
  const match = text.length > MAX_ISO_LENGTH ? null : (EXTENDED.exec(text) ?? BASIC.exec(text))
  const local = match === null ? null : wallClock(match)
  if (match === null || local === null) return refusal('KENG_DECODE_TIME', shown(text))
  if (match[8] !== undefined) return local
  if (match[9] !== undefined) {
    const hours = Number(match[10])
    const minutes = Number(match[11] ?? 0)
    if (hours > 23 || minutes > 59) return refusal('KENG_DECODE_TIME', shown(text))
    return local - (match[9] === '-' ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS
  }
  const toUtc = timeZone(zone)
  if (toUtc === null)
    return refusal('KENG_DECODE_TIME', `${shown(text)} has no offset and ${shown(zone)} is no time zone`)
  return toUtc(local)
}

/** The wall-clock time as if it were UTC, or null where no calendar has it. 24:00:00 and a 60th second are ISO 8601. */
function wallClock(match: RegExpExecArray): number | null {
  const [, year, month, day, hour, minute, second = '0', fraction = ''] = match
  const midnight = new Date(0).setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const date = new Date(midnight)
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  const isInDay = Number(hour) < 24 || (seconds === 86_400 && Number(fraction) === 0)
  if (!isInDay || Number(minute) > 59 || Number(second) > 60) return null
  return midnight + seconds * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'))
}
