import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createTimerHeap } from '../../../../libs/core/alarm/timer-heap.ts'

const timer = fc.record({ due: fc.nat(20), key: fc.string({ maxLength: 3 }), wanted: fc.boolean() })

test('whatever the order in which timers were set, the wanted ones come by due time, then by key', () => {
  fc.assert(
    fc.property(fc.array(timer), fc.nat(25), (timers, now) => {
      const heap = createTimerHeap<string>()
      for (const { due, key, wanted } of timers) heap.push(due, key, key).wanted = wanted
      const taken: string[] = []
      for (let next = heap.takeDue(now); next !== null; next = heap.takeDue(now)) taken.push(`${next.due} ${next.key}`)
      const due = timers.filter((one) => one.wanted && one.due <= now)
      const sorted = due.sort((a, b) => a.due - b.due || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      expect(taken).toEqual(sorted.map((one) => `${one.due} ${one.key}`))
    }),
  )
})

test('a timer that is not due stays, and one that was called off takes no room for longer than its time', () => {
  const heap = createTimerHeap<null>()
  heap.push(10, 'later', null)
  heap.push(5, 'off', null).wanted = false
  expect(heap.takeDue(9)).toBeNull()
  expect(heap.size()).toBe(1)
  expect(heap.takeDue(10)?.key).toBe('later')
})
