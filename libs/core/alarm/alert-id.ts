/** An alert's id: the same history gives the same ids on every machine (contract.md, section 3). */

import { createHash } from 'node:crypto'

// RFC 4648 base 32 in lower case: safe in a URL, in a file name, and read out over a telephone.
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const ID_LENGTH = 16
const BITS_PER_LETTER = 5

/** Sixteen letters and digits: the first 80 bits of SHA-256 over rule, subject and epoch milliseconds, one a line. */
export function alertId(rule: string, subject: string, openedAtMs: number): string {
  const digest = createHash('sha256').update(`${rule}\n${subject}\n${openedAtMs}`).digest()
  let id = ''
  let bits = 0
  let held = 0
  for (const byte of digest) {
    bits = (bits << 8) | byte
    held += 8
    while (held >= BITS_PER_LETTER) {
      held -= BITS_PER_LETTER
      id += ALPHABET[(bits >> held) & 31]
      if (id.length === ID_LENGTH) return id
    }
    bits &= (1 << held) - 1
  }
  return id
}
