/** Gathers what arrives and hands it on once a frame, so that a burst is drawn once. */

export interface FrameQueue<T> {
  push(item: T): void
  /** Holds what arrives back until `release`. */
  hold(): void
  release(): void
  clear(): void
}

export interface FrameQueueOptions<T> {
  readonly onItems: (items: readonly T[]) => void
  /** Called when more than `limit` items wait behind `hold`; the queue is empty then. */
  readonly onOverflow: () => void
  readonly limit: number
  /** Calls back at the next frame; in a hidden tab, where there are no frames, after a while. */
  readonly nextFrame: (callback: () => void) => void
}

export function createFrameQueue<T>(options: FrameQueueOptions<T>): FrameQueue<T> {
  let items: T[] = []
  let asked = false
  let held = false

  function flush(): void {
    if (held || items.length === 0) return
    const taken = items
    items = []
    options.onItems(taken)
  }

  return {
    push(item) {
      items.push(item)
      if (items.length >= options.limit) {
        if (!held) return flush()
        items = []
        options.onOverflow()
        return
      }
      if (asked || held) return
      asked = true
      options.nextFrame(() => {
        asked = false
        flush()
      })
    },
    hold() {
      held = true
    },
    release() {
      held = false
      flush()
    },
    clear() {
      items = []
    },
  }
}
