/** Where in a segment an offset is to be looked for: one entry for every so many bytes, in memory only, built by whoever writes or reads. */

const STRIDE_BYTES = 256 * 1024
const MAX_SEGMENTS = 256

interface SegmentIndex {
  readonly offsets: number[]
  readonly positions: number[]
}

export interface SparseIndex {
  /** Notes that the batch with this base offset begins at this position of the segment. */
  note(segmentBase: number, offset: number, position: number): void
  /** The greatest known position whose batch begins at or before `offset`; 0 where nothing is known. */
  find(segmentBase: number, offset: number): number
  forget(segmentBase: number): void
}

export function createSparseIndex(): SparseIndex {
  // Oldest first: the index of a segment that nobody read for long is built again when it is wanted.
  const segments = new Map<number, SegmentIndex>()

  return {
    note(segmentBase, offset, position) {
      let index = segments.get(segmentBase)
      if (index === undefined) {
        index = { offsets: [], positions: [] }
        segments.set(segmentBase, index)
        const oldest = segments.keys().next()
        if (segments.size > MAX_SEGMENTS && !oldest.done) segments.delete(oldest.value)
      }
      const last = index.positions.at(-1) ?? 0
      if (position < last + STRIDE_BYTES) return
      index.offsets.push(offset)
      index.positions.push(position)
    },
    find(segmentBase, offset) {
      const index = segments.get(segmentBase)
      if (index === undefined) return 0
      let low = 0
      let high = index.offsets.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((index.offsets[middle] ?? 0) <= offset) low = middle + 1
        else high = middle
      }
      return low === 0 ? 0 : (index.positions[low - 1] ?? 0)
    },
    forget: (segmentBase) => void segments.delete(segmentBase),
  }
}
