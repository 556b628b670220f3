/** Reads a stretch of a file, around what the medium cannot give back. */

import type { DiskFile } from './disk.ts'
import { isUnreadable } from './disk-errors.ts'

const PAGE_BYTES = 4096

/** Up to `length` bytes, fewer only at the end of the file. `onHole` hears of pages that are unreadable: they come as zeros. */
export async function readBlock(
  file: DiskFile,
  position: number,
  length: number,
  blocking: boolean,
  onHole: () => void,
): Promise<Buffer> {
  const block = Buffer.allocUnsafeSlow(length)
  let got: number
  try {
    got = blocking ? file.readSync(block, length, position) : await file.read(block, length, position)
  } catch (error) {
    if (!isUnreadable(error)) throw error
    got = await readPages(file, block, position, error)
    onHole()
  }
  return got === length ? block : block.subarray(0, got)
}

/**
 * Page by page: zeros for what is unreadable fail the CRC of their batch, and what lies behind is still found. Where not one
 * page can be read the disk is gone rather than damaged: then the error stands, and nothing is taken for lost.
 */
async function readPages(file: DiskFile, into: Buffer, position: number, error: unknown): Promise<number> {
  const size = await file.size()
  let total = 0
  let readable = 0
  while (total < into.length && position + total < size) {
    const at = position + total
    const length = Math.min(PAGE_BYTES - (at % PAGE_BYTES), into.length - total, size - at)
    const page = into.subarray(total, total + length)
    try {
      readable += await file.read(page, length, at)
    } catch (pageError) {
      if (!isUnreadable(pageError)) throw pageError
      page.fill(0)
    }
    total += length
  }
  if (readable === 0) throw error
  return total
}
