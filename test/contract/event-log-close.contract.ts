/** The part of the EventLog contract about ending: of a subscription and of the log. */

import { expect, it } from 'vitest'
import { appendDurably } from '../../libs/core/log/append-durably.ts'
import type { EventLog } from '../../libs/ports/event-log.ts'
import { follow, RAW, record } from './follow-log.ts'

export function closeLogContract(logOf: () => EventLog): void {
  it('closes a subscription only after its running handler has ended, and delivers nothing more', async () => {
    const log = logOf()
    await appendDurably(log, RAW, [record('a')])
    let release = (): void => {}
    let calls = 0
    const subscription = await log.subscribe(
      RAW,
      { group: 'g', from: () => 0 },
      () => {
        calls++
        return new Promise<void>((resolve) => (release = resolve))
      },
      () => {},
    )
    await expect.poll(() => calls).toBe(1)
    let closed = false
    const closing = subscription.close().then(() => (closed = true))
    const twice = subscription.close()
    await appendDurably(log, RAW, [record('b')])
    expect(closed).toBe(false)
    release()
    await Promise.all([closing, twice])
    expect(calls).toBe(1)
  })

  it('closes an idle subscription at once', async () => {
    const follower = await follow(logOf(), RAW)
    await follower.subscription.close()
    await appendDurably(logOf(), RAW, [record('a')])
    expect(follower.texts).toEqual([])
  })

  it('makes durable at close what was appended before, and refuses what comes after', async () => {
    const log = logOf()
    const told: (string | number)[] = []
    for (let index = 0; index < 10; index++) {
      log.append(RAW, [record(`${index}`)], (error, offset) => told.push(error?.message ?? offset))
    }
    await log.close()
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    await expect(appendDurably(log, RAW, [record('late')])).rejects.toMatchObject({ code: 'KENG_LOG_CLOSED' })
    await expect(follow(log, RAW)).rejects.toMatchObject({ code: 'KENG_LOG_CLOSED' })
  })

  it('may be closed twice, also while a handler is blocked', async () => {
    const log = logOf()
    await appendDurably(log, RAW, [record('a')])
    let release = (): void => {}
    let calls = 0
    const subscription = await log.subscribe(
      RAW,
      { group: 'g', from: () => 0 },
      () => {
        calls++
        return new Promise<void>((resolve) => (release = resolve))
      },
      () => {},
    )
    await expect.poll(() => calls).toBe(1)
    await Promise.all([log.close(), log.close()])
    await log.close()
    release()
    await subscription.close()
    expect(calls).toBe(1)
  })
}
