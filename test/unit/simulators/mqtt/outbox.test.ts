import { expect, test } from 'vitest'

import { createOutbox } from '../../../../simulators/mqtt/outbox.ts'

const filled = (count: number, inFlight = 3) => {
  const outbox = createOutbox<number>({ capacity: 10, inFlight })
  for (let tag = 0; tag < count; tag++) outbox.add(`message ${tag}`, tag)
  return outbox
}

const drain = (outbox: ReturnType<typeof filled>) => {
  const entries = []
  for (let entry = outbox.next(); entry !== undefined; entry = outbox.next()) entries.push(entry)
  return entries
}

test('no more than the window goes out before acknowledgements, oldest first', () => {
  const outbox = filled(5)
  const first = drain(outbox)
  expect(first.map(({ tag }) => tag)).toEqual([0, 1, 2])
  expect(outbox.acknowledge(first[0]?.packetId ?? 0)).toBe(0)
  expect(drain(outbox).map(({ tag }) => tag)).toEqual([3])
  expect(outbox.size).toBe(4)
})

test('after a cut all that was not acknowledged goes again, in order, marked, with its identifier; then what is new', () => {
  const outbox = filled(5)
  const first = drain(outbox)
  outbox.acknowledge(first[1]?.packetId ?? 0)
  outbox.rewind()
  const again = drain(outbox)
  expect(again.map(({ tag, again }) => [tag, again])).toEqual([
    [0, true],
    [2, true],
    [3, false],
  ])
  expect(again[0]?.packetId).toBe(first[0]?.packetId)
  expect(again[1]?.packetId).toBe(first[2]?.packetId)
})

test('a cut in the middle of a resend begins the resend again', () => {
  const outbox = filled(3)
  drain(outbox)
  outbox.rewind()
  outbox.next()
  outbox.rewind()
  expect(drain(outbox).map(({ tag }) => tag)).toEqual([0, 1, 2])
})

test('it refuses what is beyond its capacity and says how much room there is', () => {
  const outbox = filled(10)
  expect(outbox.room).toBe(0)
  expect(() => outbox.add('one too many', 10)).toThrow('10 packets')
  const [entry] = drain(outbox)
  outbox.acknowledge(entry?.packetId ?? 0)
  expect(outbox.room).toBe(1)
})

test('identifiers wrap round and never meet one that still waits', () => {
  const outbox = filled(1)
  const stuck = outbox.next()?.packetId
  const seen = new Set<number>()
  for (let i = 0; i < 70_000; i++) {
    outbox.add('next', i)
    const id = outbox.next()?.packetId ?? 0
    seen.add(id)
    outbox.acknowledge(id)
  }
  expect(outbox.size).toBe(1)
  expect(seen.size).toBe(65_534)
  expect(seen.has(stuck ?? 0)).toBe(false)
  expect(seen.has(0)).toBe(false)
})

test('an acknowledgement of nothing that waits is no news', () => {
  expect(filled(1).acknowledge(77)).toBeUndefined()
})
