import { describe, expect, test } from 'vitest'
import { createFrameQueue } from '../../../services/dashboard/live/frame-queue.ts'

function setUp(limit = 10) {
  const drawn: number[][] = []
  const frames: (() => void)[] = []
  let overflows = 0
  const queue = createFrameQueue<number>({
    onItems: (items) => drawn.push([...items]),
    onOverflow: () => {
      overflows += 1
    },
    limit,
    nextFrame: (callback) => frames.push(callback),
  })
  const frame = (): void => {
    for (const callback of frames.splice(0)) callback()
  }
  return { queue, drawn, frames, frame, overflows: () => overflows }
}

describe('the frame queue', () => {
  test('hands a burst on once, at the next frame, in order', () => {
    const { queue, drawn, frames, frame } = setUp()
    for (const item of [1, 2, 3]) queue.push(item)
    expect(frames).toHaveLength(1)
    expect(drawn).toEqual([])
    frame()
    queue.push(4)
    frame()
    expect(drawn).toEqual([[1, 2, 3], [4]])
  })

  test('holds back what arrives while lists are loaded, and hands it on after', () => {
    const { queue, drawn, frame } = setUp()
    queue.push(1)
    queue.hold()
    queue.push(2)
    frame()
    expect(drawn).toEqual([])
    queue.release()
    expect(drawn).toEqual([[1, 2]])
  })

  test('draws at once what would not fit, and loses none of it', () => {
    const { queue, drawn } = setUp(3)
    for (const item of [1, 2, 3, 4]) queue.push(item)
    expect(drawn).toEqual([[1, 2, 3]])
  })

  test('asks for a new load when more waits behind one than it may keep', () => {
    const { queue, drawn, overflows } = setUp(3)
    queue.hold()
    for (const item of [1, 2, 3]) queue.push(item)
    expect(overflows()).toBe(1)
    queue.release()
    expect(drawn).toEqual([])
  })

  test('forgets what waits when it is cleared', () => {
    const { queue, drawn, frame } = setUp()
    queue.push(1)
    queue.clear()
    frame()
    expect(drawn).toEqual([])
  })
})
