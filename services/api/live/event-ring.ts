/** The newest events, so that whoever comes back goes on where it was cut. */

export interface EventRing<Event extends { readonly seq: number }> {
  push(event: Event): void
  /** Forgets everything: what happened up to and with `seq` cannot be resumed. */
  clear(seq: number): void
  /** The event at a position; undefined before the first that is kept, and from `end` on. */
  at(position: number): Event | undefined
  /** Position of the first event behind `seq`. */
  after(seq: number): number
  /** Position of the oldest event, and the one that the next will get. */
  first(): number
  end(): number
  /** The newest `seq` that was forgotten. */
  forgotten(): number
}

/** Events come with rising `seq`; the oldest gives way when `capacity` are kept. */
export function createEventRing<Event extends { readonly seq: number }>(capacity: number): EventRing<Event> {
  const slots = new Array<Event | undefined>(capacity).fill(undefined)
  let first = 0
  let end = 0
  let forgotten = 0

  const at = (position: number): Event | undefined =>
    position >= first && position < end ? slots[position % capacity] : undefined

  return {
    at,
    first: () => first,
    end: () => end,
    forgotten: () => forgotten,
    push(event) {
      if (end - first === capacity) {
        forgotten = at(first)?.seq ?? forgotten
        first++
      }
      slots[end % capacity] = event
      end++
    },
    clear(seq) {
      slots.fill(undefined)
      first = end
      forgotten = seq
    },
    after(seq) {
      let low = first
      let high = end
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((at(middle)?.seq ?? 0) <= seq) low = middle + 1
        else high = middle
      }
      return low
    },
  }
}
