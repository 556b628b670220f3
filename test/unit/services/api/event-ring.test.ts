import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createEventRing } from '../../../../services/api/live/event-ring.ts'

const steps = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  ),
)

test('behind any event that can be resumed stands every event that came after it, in order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), steps, (capacity, moves) => {
      const ring = createEventRing<{ seq: number }>(capacity)
      let seq = 0
      let kept: number[] = []
      for (const move of moves) {
        // Other rings take numbers of the same count, so there are gaps.
        seq += move === 'clear' ? 1 : move
        if (move === 'clear') {
          ring.clear(seq)
          kept = []
        } else {
          ring.push({ seq })
          kept.push(seq)
        }
        kept = kept.slice(-capacity)
        for (let from = ring.forgotten(); from <= seq; from++) {
          const behind: number[] = []
          for (let position = ring.after(from); position < ring.end(); position++)
            behind.push(ring.at(position)?.seq ?? -1)
          expect(behind).toEqual(kept.filter((each) => each > from))
        }
      }
      expect(ring.end() - ring.first()).toBe(kept.length)
      expect(ring.at(ring.first() - 1)).toBeUndefined()
      expect(ring.at(ring.end())).toBeUndefined()
    }),
  )
})
