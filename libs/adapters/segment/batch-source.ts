/** Reads one file of the log batch by batch, checks each, and finds its way over damage. */

import type { BatchHeader } from './batch-format.ts'
import { FORMAT_VERSION, HEADER_BYTES, isWhole, parseHeader, SIGNATURE_BYTES, signatureOf } from './batch-format.ts'
import type { DiskFile } from './disk.ts'
import { readBlock } from './read-block.ts'

export type Found =
  | {
      readonly kind: 'batch'
      readonly header: BatchHeader
      readonly bytes: Buffer
      readonly at: number
      readonly position: number
    }
  /** Bytes from `position` up to `to` are no batch, and one follows at `to`. */
  | { readonly kind: 'damage'; readonly position: number; readonly to: number }
  /** No batch at `position` nor behind it (yet). `blank`: nothing but zeros follow. */
  | { readonly kind: 'end'; readonly position: number; readonly size: number; readonly blank: boolean }
  /** A whole batch that a newer version wrote. */
  | { readonly kind: 'newer'; readonly version: number; readonly position: number }

export interface BatchSourceOptions {
  /** What the topic's batches carry; undefined takes any. */
  readonly salt: number | undefined
  /** Whether to read on the caller's thread. */
  readonly blocking: boolean
}

export interface BatchSource {
  /** Looks at the bytes at the current position, reading `blockBytes` at a time, and moves on behind a batch or damage. */
  next(blockBytes: number): Promise<Found>
  /** Whether `next` can answer without reading the file. */
  isBuffered(): boolean
  /** Whether the medium could not give some bytes back. */
  sawHoles(): boolean
  position(): number
  seek(position: number): void
  close(): Promise<void>
}

const SEARCH_BYTES = 1024 * 1024
const EMPTY = Buffer.alloc(0)
const ZEROS = Buffer.alloc(SEARCH_BYTES)

export function createBatchSource(file: DiskFile, options: BatchSourceOptions): BatchSource {
  const { salt } = options
  let holes = false
  const readAt = (at: number, length: number): Promise<Buffer> =>
    readBlock(file, at, length, options.blocking, () => {
      holes = true
    })
  let block: Buffer = EMPTY
  let blockAt = 0
  let position = 0

  const bufferedHeader = (): BatchHeader | null =>
    position < blockAt || position > blockAt + block.length ? null : parseHeader(block, position - blockAt, salt)

  const holds = (header: BatchHeader | null): boolean =>
    header !== null && position - blockAt + header.length <= block.length

  const soundOnly = (header: BatchHeader | null): BatchHeader | null =>
    header !== null && isWhole(block, position - blockAt, header) ? header : null

  async function load(length: number): Promise<void> {
    block = await readAt(position, length)
    blockAt = position
  }

  /** A header at the position whose whole batch is in the block and whose CRC holds. */
  async function wholeBatch(blockBytes: number): Promise<BatchHeader | null> {
    let header = bufferedHeader()
    let fresh = false
    if (!holds(header)) {
      await load(Math.max(blockBytes, HEADER_BYTES))
      fresh = true
      header = bufferedHeader()
    }
    if (header === null) return null
    if (!holds(header)) {
      // A damaged length may claim gigabytes: never ask for more than the file has.
      if (position + header.length > (await file.size())) return null
      await load(header.length)
      fresh = true
    }
    if (soundOnly(header) !== null) return header
    // The block may have been read while these bytes were being written: look once more before calling it damage.
    if (fresh) return null
    await load(Math.max(blockBytes, header.length))
    const again = bufferedHeader()
    return soundOnly(again)
  }

  /** Where behind the position the next whole batch begins, or -1; and whether anything but zeros lies between. */
  async function search(size: number): Promise<{ at: number; blank: boolean }> {
    const signature = salt === undefined ? signatureOf(0).subarray(0, SIGNATURE_BYTES / 2) : signatureOf(salt)
    let blank = true
    for (let from = position; from < size; ) {
      const bytes = await readAt(from, Math.min(SEARCH_BYTES, size - from))
      if (bytes.length === 0) break
      blank &&= bytes.equals(ZEROS.subarray(0, bytes.length))
      for (let hit = bytes.indexOf(signature); hit >= 0; hit = bytes.indexOf(signature, hit + 1)) {
        if (from + hit !== position && (await isBatchAt(from + hit, size))) return { at: from + hit, blank }
      }
      if (bytes.length < signature.length) break
      // A signature may lie across two blocks.
      from += from + bytes.length >= size ? bytes.length : bytes.length - signature.length + 1
    }
    return { at: -1, blank }
  }

  async function isBatchAt(at: number, size: number): Promise<boolean> {
    const header = parseHeader(await readAt(at, HEADER_BYTES), 0, salt)
    if (header === null || at + header.length > size) return false
    return isWhole(await readAt(at, header.length), 0, header)
  }

  async function next(blockBytes: number): Promise<Found> {
    const header = await wholeBatch(blockBytes)
    if (header === null) {
      const size = await file.size()
      const { at, blank } = await search(size)
      const from = position
      if (at < 0) {
        block = EMPTY
        return { kind: 'end', position: from, size, blank }
      }
      position = at
      return { kind: 'damage', position: from, to: at }
    }
    if (header.version !== FORMAT_VERSION) return { kind: 'newer', version: header.version, position }
    const found = { kind: 'batch', header, bytes: block, at: position - blockAt, position } as const
    position += header.length
    return found
  }

  return {
    next,
    isBuffered: () => holds(bufferedHeader()),
    sawHoles: () => holes,
    position: () => position,
    seek: (to) => {
      position = to
    },
    close: () => file.close(),
  }
}
