/** Cursors of lists: opaque to the reader, checked when they come back. */

import { invalid } from './invalid-request.ts'

type Part = string | number

export const encodeCursor = (...parts: readonly Part[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url')

/** The parts that were encoded, of the types named; throws a 422 on anything that this server did not hand out for the list. */
export function decodeCursor<Types extends readonly ('string' | 'number')[]>(
  cursor: string,
  ...types: Types
): { [Index in keyof Types]: Types[Index] extends 'string' ? string : number } {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    parts = null
  }
  const fits =
    Array.isArray(parts) && parts.length === types.length && types.every((type, index) => typeof parts[index] === type)
  if (!fits) throw invalid('/query/cursor', 'is not a cursor of this list')
  return parts as { [Index in keyof Types]: Types[Index] extends 'string' ? string : number }
}
