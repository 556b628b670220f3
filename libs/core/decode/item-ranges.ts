/** Where in an array's bytes each of its items stands, so that a refused item is kept as exactly what was sent. */

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Splits the bytes of a JSON array, known to be well-formed, into views of its items; white space around an item
 * stays with it, which JSON allows.
 */
export function itemRanges(payload: Buffer): Buffer[] {
  const items: Buffer[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < payload.length; at++) {
    const byte = payload[at]
    if (byte === QUOTE) {
      at = endOfText(payload, at)
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth++
      if (depth === 1) start = at + 1
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      depth--
      if (depth === 0) items.push(payload.subarray(start, at))
    } else if (byte === COMMA && depth === 1) {
      items.push(payload.subarray(start, at))
      start = at + 1
    }
  }
  return items
}

/** Index of the quotation mark that ends the text beginning at `at`. */
function endOfText(payload: Buffer, at: number): number {
  let end = at + 1
  while (end < payload.length && payload[end] !== QUOTE) end += payload[end] === BACKSLASH ? 2 : 1
  return end
}
