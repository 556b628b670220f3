/** Acknowledgements of one client leave in the order its messages came (contract.md, section 1), however appends complete. */

export type Completed = (error: Error | null) => void

interface Waiting {
  readonly done: Completed
  error: Error | null
  completed: boolean
}

export interface AckQueue {
  /** Takes the next place; the result completes it. `done` runs when all places before it are completed too. */
  place(done: Completed): Completed
  /** Places that are not completed, or wait for one before them. */
  readonly length: number
}

/** Stands where an acknowledgement has left. */
const LEFT: Waiting = { done: () => {}, error: null, completed: true }

export function createAckQueue(): AckQueue {
  const waiting: Waiting[] = []
  let first = 0
  const release = () => {
    for (let head = waiting[first]; head?.completed; head = waiting[first]) {
      // What is done must not hold on to its message until the array is cut.
      waiting[first++] = LEFT
      head.done(head.error)
    }
    if (first === waiting.length) waiting.length = 0
    // Shifting an array moves every element; dropping the finished half now and then does not.
    else if (first > 64 && first * 2 >= waiting.length) waiting.splice(0, first)
    else return
    first = 0
  }
  return {
    place(done) {
      const entry: Waiting = { done, error: null, completed: false }
      waiting.push(entry)
      return (error) => {
        if (entry.completed) return
        entry.error = error
        entry.completed = true
        if (waiting[first] === entry) release()
      }
    },
    get length() {
      return waiting.length - first
    },
  }
}
