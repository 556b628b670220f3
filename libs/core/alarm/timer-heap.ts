/** Timers in the order they are due; ties go by key, so that the order never depends on who asked first. */

export interface Timer<T> {
  readonly due: number
  readonly key: string
  readonly owner: T
  /** Set to false to call it off: it is dropped when its turn comes. */
  wanted: boolean
}

export interface TimerHeap<T> {
  push(due: number, key: string, owner: T): Timer<T>
  /** The next wanted timer that is due by then, taken out; null when there is none. */
  takeDue(now: number): Timer<T> | null
  size(): number
}

const before = <T>(a: Timer<T>, b: Timer<T>): boolean => a.due < b.due || (a.due === b.due && a.key < b.key)

export function createTimerHeap<T>(): TimerHeap<T> {
  const heap: Timer<T>[] = []

  const rise = (timer: Timer<T>) => {
    let at = heap.length
    heap.push(timer)
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = heap[up]
      if (parent === undefined || !before(timer, parent)) break
      heap[at] = parent
      at = up
    }
    heap[at] = timer
  }

  const sink = (timer: Timer<T>) => {
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      if (left === undefined) break
      const right = heap[2 * at + 2]
      const goRight = right !== undefined && before(right, left)
      const child = goRight ? right : left
      if (!before(child, timer)) break
      heap[at] = child
      at = 2 * at + (goRight ? 2 : 1)
    }
    heap[at] = timer
  }

  const takeFirst = () => {
    const last = heap.pop()
    if (last !== undefined && heap.length > 0) sink(last)
  }

  return {
    push(due, key, owner) {
      const timer = { due, key, owner, wanted: true }
      rise(timer)
      return timer
    },
    takeDue(now) {
      for (let first = heap[0]; first !== undefined && first.due <= now; first = heap[0]) {
        takeFirst()
        if (first.wanted) return first
      }
      return null
    },
    size: () => heap.length,
  }
}
