/** Which (boot, seq) of a device were seen: windows of ranges, several boots, bounded. */

/** One run of the device between two of its restarts. */
export interface BootWindow {
  readonly boot: string
  /** Greatest time claimed in this run, epoch milliseconds. */
  maxTs: number
  /** Below it nothing is remembered any more. */
  floor: number
  /** Seen numbers as pairs of first and last, ascending and never touching. */
  ranges: number[]
}

/** `forgotten`: older than the window, so (channel, ts) has to decide. */
export type SequenceVerdict = 'new' | 'seen' | 'forgotten'

export const MAX_BOOTS = 8
export const MAX_RANGES = 64

/**
 * Whether a message was seen. `ts` is its claimed time, or undefined. A seen number with a time later than anything
 * this run ever claimed is no repetition but a counter that wrapped or restarted under the same boot name: new.
 */
export function judgeSequence(
  windows: readonly BootWindow[],
  boot: string,
  seq: number,
  ts: number | undefined,
): SequenceVerdict {
  const window = windows[0]?.boot === boot ? windows[0] : windows.find((known) => known.boot === boot)
  if (window === undefined || seq > (window.ranges.at(-1) ?? -1)) return 'new'
  if (ts !== undefined && ts > window.maxTs) return 'new'
  if (seq < window.floor) return 'forgotten'
  return contains(window.ranges, seq) ? 'seen' : 'new'
}

/** Index of the pair that `seq` lies in or after; -2 before all. */
function rangeAt(ranges: readonly number[], seq: number): number {
  let at = ranges.length - 2
  while (at >= 0 && (ranges[at] ?? 0) > seq) at -= 2
  return at
}

const contains = (ranges: readonly number[], seq: number): boolean => seq <= (ranges[rangeAt(ranges, seq) + 1] ?? -1)

/** Remembers a message, forgetting the oldest boot and the lowest numbers beyond the bounds. */
export function markSequence(windows: BootWindow[], boot: string, seq: number, ts: number | undefined): void {
  let window = windows[0]
  if (window?.boot !== boot) window = moveToFront(windows, boot)
  const { ranges } = window
  const last = ranges.length - 1
  if (seq === (ranges[last] ?? -2) + 1) {
    ranges[last] = seq
  } else if (ts !== undefined && ts > window.maxTs && (seq < window.floor || contains(ranges, seq))) {
    window.ranges = [seq, seq]
    window.floor = 0
  } else {
    insert(window, seq)
  }
  if (ts !== undefined && ts > window.maxTs) window.maxTs = ts
}

function moveToFront(windows: BootWindow[], boot: string): BootWindow {
  const at = windows.findIndex((known) => known.boot === boot)
  const [window = { boot, maxTs: Number.NEGATIVE_INFINITY, floor: 0, ranges: [] }] = at < 0 ? [] : windows.splice(at, 1)
  windows.unshift(window)
  if (windows.length > MAX_BOOTS) windows.pop()
  return window
}

function insert(window: BootWindow, seq: number): void {
  const { ranges } = window
  if (seq < window.floor) return
  const at = rangeAt(ranges, seq)
  if (at >= 0 && seq <= (ranges[at + 1] ?? -1)) return
  const joinsBelow = at >= 0 && ranges[at + 1] === seq - 1
  const joinsAbove = ranges[at + 2] === seq + 1
  if (joinsBelow && joinsAbove) ranges.splice(at + 1, 2)
  else if (joinsBelow) ranges[at + 1] = seq
  else if (joinsAbove) ranges[at + 2] = seq
  else ranges.splice(at + 2, 0, seq, seq)
  if (ranges.length > 2 * MAX_RANGES) window.floor = (ranges.splice(0, 2)[1] ?? 0) + 1
}
