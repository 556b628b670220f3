import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAckQueue } from '../../../../services/ingest/ack-queue.ts'

test('acknowledgements leave in the order received, in whatever order appends end', () => {
  const order = fc
    .integer({ min: 1, max: 300 })
    .chain((length) => fc.shuffledSubarray([...Array(length).keys()], { minLength: length, maxLength: length }))
  fc.assert(
    fc.property(order, (completion) => {
      const queue = createAckQueue()
      const left: number[] = []
      const complete = completion.map((_, place) => queue.place(() => left.push(place)))
      for (const place of completion) complete[place]?.(null)
      expect(left).toEqual([...completion.keys()])
      expect(queue.length).toBe(0)
    }),
  )
})

test('one append that does not end holds those behind it', () => {
  const queue = createAckQueue()
  const left: string[] = []
  const stuck = queue.place(() => left.push('stuck'))
  queue.place(() => left.push('second'))(null)
  expect(left).toEqual([])
  expect(queue.length).toBe(2)
  stuck(null)
  expect(left).toEqual(['stuck', 'second'])
})

test('each place hears of its own error, and only once', () => {
  const queue = createAckQueue()
  const errors: (string | undefined)[] = []
  const complete = queue.place((error) => errors.push(error?.message))
  complete(new Error('disk'))
  complete(null)
  expect(errors).toEqual(['disk'])
})

test('what has left is not held on to', async () => {
  const queue = createAckQueue()
  const gone: WeakRef<object>[] = []
  const placeOne = () => {
    const message = { bytes: new Uint8Array(1024) }
    gone.push(new WeakRef(message))
    return queue.place(() => void message.bytes)
  }
  for (let at = 0; at < 40; at++) placeOne()(null)
  const collect = globalThis.gc ?? ((): void => {})
  await expect
    .poll(() => {
      collect()
      fillMemory()
      return gone.filter((one) => one.deref() !== undefined).length
    })
    .toBe(0)
  expect(queue.length).toBe(0)
})

/** Makes the collector run where it may not be called. */
const fillMemory = (): number => Array.from({ length: 200 }, () => new Array(10_000).fill(0)).length
