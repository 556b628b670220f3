/** A reason to refuse a message or a value, in words that a device's owner can act on. */

import { DECODE_ERRORS, type DecodeCode } from './codes.ts'

export interface Refusal {
  readonly code: DecodeCode
  readonly message: string
}

/** `detail` names the value and the limit; what happened and the next step come from the table. */
export function refusal(code: DecodeCode, detail: string): Refusal {
  const row = DECODE_ERRORS[code]
  return { code, message: `${row.what}: ${detail}. ${row.fix}` }
}

const SHOWN_LENGTH = 40

/** A value of a device as it may stand in a message: short, quoted, on one line, however deep or long it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const short = value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value
    return JSON.stringify(short)
  }
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
