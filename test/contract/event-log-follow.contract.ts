/** The part of the EventLog contract about followers: order, positions, independence, failure. */

import { expect, it } from 'vitest'
import { appendDurably } from '../../libs/core/log/append-durably.ts'
import type { EventLog } from '../../libs/ports/event-log.ts'
import { follow, RAW, record, textOf } from './follow-log.ts'

export function followLogContract(logOf: () => EventLog): void {
  it('delivers what is there and then what comes, in order and without a gap', async () => {
    const log = logOf()
    await appendDurably(log, RAW, [record('0'), record('1')])
    const follower = await follow(log, RAW)
    await appendDurably(log, RAW, [record('2')])
    await expect.poll(() => follower.texts).toEqual(['0', '1', '2'])
    await appendDurably(log, RAW, [record('3'), record('4')])
    await expect.poll(() => follower.texts).toEqual(['0', '1', '2', '3', '4'])
    expect(follower.offsets).toEqual([0, 1, 2, 3, 4])
    expect(follower.batches.at(-1)?.end).toBe(5)
    await follower.subscription.close()
  })

  it('serves two groups independently', async () => {
    const log = logOf()
    await appendDurably(log, RAW, [record('a'), record('b')])
    let release = (): void => {}
    const blocked = await log.subscribe(
      RAW,
      { group: 'slow', from: () => 0 },
      () => new Promise<void>((resolve) => (release = resolve)),
      () => {},
    )
    const free = await follow(log, RAW, 0, 'fast')
    await appendDurably(log, RAW, [record('c')])
    await expect.poll(() => free.texts).toEqual(['a', 'b', 'c'])
    release()
    await blocked.close()
    await free.subscription.close()
  })

  it('starts at any offset', async () => {
    const log = logOf()
    for (let index = 0; index < 20; index++) await appendDurably(log, RAW, [record(`${index}`), record(`${index}+`)])
    for (const from of [0, 1, 7, 38, 39, 40]) {
      const follower = await follow(log, RAW, from, `from-${from}`)
      await expect.poll(() => follower.offsets.length).toBe(40 - from)
      expect(follower.offsets[0] ?? 40).toBe(from)
      await follower.subscription.close()
    }
  })

  it('begins behind the end where a reader holds more than the log, so that nothing new is taken for known', async () => {
    const log = logOf()
    await appendDurably(log, RAW, [record('0')])
    const follower = await follow(log, RAW, 7)
    expect(await appendDurably(log, RAW, [record('new')])).toBe(7)
    await expect.poll(() => follower.offsets).toEqual([7])
    expect(await log.extent(RAW, 0)).toMatchObject({ end: 8 })
    await follower.subscription.close()
  })

  it('hands out about maxBytes at a time, and a larger record alone', async () => {
    const log = logOf()
    const large = 'x'.repeat(5000)
    await appendDurably(log, RAW, [record('a'), record('b'), record(large), record('c')])
    const follower = await follow(log, RAW, 0, 'small', 1000)
    await expect.poll(() => follower.texts).toEqual(['a', 'b', large, 'c'])
    expect(follower.batches.length).toBeGreaterThan(1)
    await follower.subscription.close()
  })

  it('delivers the next batch only after the handler has resolved', async () => {
    const log = logOf()
    let running = 0
    let most = 0
    const seen: string[] = []
    const subscription = await log.subscribe(
      RAW,
      { group: 'one', from: () => 0, maxBytes: 1 },
      async (batch) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(...batch.records.map(textOf))
        running--
      },
      () => {},
    )
    for (let index = 0; index < 20; index++) await appendDurably(log, RAW, [record(`${index}`)])
    await expect.poll(() => seen.length).toBe(20)
    expect(most).toBe(1)
    await subscription.close()
  })

  it('ends a subscription whose handler rejects, tells it once, and redelivers to the next', async () => {
    const log = logOf()
    await appendDurably(log, RAW, [record('poison')])
    const told: Error[] = []
    let calls = 0
    const subscription = await log.subscribe(
      RAW,
      { group: 'g', from: () => 0 },
      async () => {
        calls++
        throw new Error('store is down')
      },
      (error) => told.push(error),
    )
    await expect.poll(() => told.map((error) => error.message)).toEqual(['store is down'])
    await appendDurably(log, RAW, [record('later')])
    const again = await follow(log, RAW, 0, 'g')
    await expect.poll(() => again.texts).toEqual(['poison', 'later'])
    expect([calls, told.length]).toEqual([1, 1])
    await subscription.close()
    await again.subscription.close()
  })
}
