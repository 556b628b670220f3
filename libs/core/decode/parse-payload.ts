/** Bytes of a device to a JSON value: the one place where a payload becomes text. */

import { isUtf8 } from 'node:buffer'
import { type Refusal, refusal, shown } from './refusal.ts'

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refusal: Refusal }

const BYTE_ORDER_MARK = 0xfe_ff
const SHOWN_BYTES = 24

/**
 * JSON of RFC 8259 as `JSON.parse` reads it: of a name that occurs twice in an object the last one counts, a number
 * too large for a double becomes infinite (and is refused as a value). A byte order mark in front is stepped over.
 */
export function parsePayload(payload: Buffer): Parsed {
  if (!isUtf8(payload)) {
    const at = Buffer.byteLength(payload.toString('utf8').split('\u{fffd}', 1)[0] ?? '')
    return refused(refusal('KENG_DECODE_UTF8', `bad byte at ${at} of ${payload.length}`))
  }
  const text = payload.toString('utf8')
  try {
    return { ok: true, value: JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text) }
  } catch {
    // The engine's own words differ from version to version; what is kept must not.
    const detail = payload.length === 0 ? '0 bytes' : `${payload.length} bytes, ${shown(text.slice(0, SHOWN_BYTES))}`
    return refused(refusal('KENG_DECODE_SYNTAX', detail))
  }
}

const refused = (reason: Refusal): Parsed => ({ ok: false, refusal: reason })

/** Deepest nesting that is looked at: a message needs three levels, foreign fields beside it a few more. */
export const MAX_DEPTH = 16

/** Whether arrays and objects are nested deeper than MAX_DEPTH. Level by level, so that depth costs no stack. */
export function isTooDeep(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []))
    if (level.length === 0) return false
  }
  return true
}

export const tooDeep = (): Refusal => refusal('KENG_DECODE_TOO_DEEP', `more than ${MAX_DEPTH} levels`)
