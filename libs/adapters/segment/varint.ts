/** Whole numbers in as few bytes as they need: seven bits a byte, the lowest first, the eighth bit says that more follow. */

/** The most bytes a safe integer takes. */
export const MAX_VARINT_BYTES = 8

/** Writes a whole number from 0 to 2^53 - 1; returns where the next byte goes. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let at = position
  let rest = value
  while (rest >= 0x80) {
    bytes[at++] = (rest % 0x80) | 0x80
    // Not a shift: times are beyond 32 bits.
    rest = Math.floor(rest / 0x80)
  }
  bytes[at++] = rest
  return at
}

/** Where a varint is read from and how far reading has come. */
export interface VarintReader {
  at: number
}

/** Reads a varint and moves on behind it. Throws RangeError where the bytes end. */
export function readVarint(bytes: Uint8Array, reader: VarintReader): number {
  const first = bytes[reader.at++]
  if (first !== undefined && first < 0x80) return first
  let value = (first ?? 0) & 0x7f
  let unit = 0x80
  for (;;) {
    const byte = bytes[reader.at++]
    if (byte === undefined) throw new RangeError(`varint ends at byte ${reader.at - 1}, behind the end`)
    value += (byte & 0x7f) * unit
    if (byte < 0x80) return value
    unit *= 0x80
  }
}

/** Folds the sign into the lowest bit, so that small negative numbers stay short. */
export const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1)
export const unzigzag = (folded: number): number => (folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2)
