/** What retention removes, and what it must leave. */

import { expect, it } from 'vitest'
import type { SegmentEventLog, SegmentEventLogOptions } from '../../../../libs/adapters/segment/segment-event-log.ts'
import { createSegmentEventLog } from '../../../../libs/adapters/segment/segment-event-log.ts'
import { appendDurably } from '../../../../libs/core/log/append-durably.ts'
import { createVirtualClock } from '../../../../libs/runtime/virtual-clock.ts'
import { createSimulatedDisk } from '../../../support/simulated-disk.ts'

const TOPIC = 'keng.raw.v1'
const SEGMENT = { segmentBytes: 1000, readyBytes: 0, growBytes: 0 }
const HOUR_MS = 60 * 60 * 1000

const disks = () => createSimulatedDisk()

function open(disk: ReturnType<typeof disks>, sizes: object, options: Partial<SegmentEventLogOptions> = {}) {
  return createSegmentEventLog({
    dir: '/log',
    disk: disk.process().disk,
    clock: createVirtualClock(0),
    topics: [TOPIC],
    sizes: { [TOPIC]: { ...SEGMENT, ...sizes } },
    ...options,
  })
}

/** One record an hour, each in a segment of its own. */
async function fill(log: SegmentEventLog, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await appendDurably(log, TOPIC, [{ key: '', time: index * HOUR_MS, value: Buffer.alloc(900) }])
  }
}

async function offsets(log: SegmentEventLog): Promise<number[]> {
  const read: number[] = []
  await log.read(TOPIC, (one) => read.push(one.offset))
  return read
}

it('removes segments older than the age by the time of the newest record, whatever the clock says', async () => {
  const log = await open(disks(), { retentionMs: 3 * HOUR_MS })
  await fill(log, 10)
  await log.sweep()
  // A segment goes when what follows it is older than three hours: 9 - 3 = 6 stays, and 5 which ends where 6 begins.
  expect(await offsets(log)).toEqual([5, 6, 7, 8, 9])
  expect(await log.extent(TOPIC, 0)).toEqual({ first: 5, end: 10 })
  await log.close()
})

it('removes nothing that the slowest group has not committed, also after a restart without that group', async () => {
  const disk = disks()
  const log = await open(disk, { retentionMs: HOUR_MS })
  const subscription = await log.subscribe(
    TOPIC,
    { group: 'store', from: () => 0 },
    async () => {},
    () => {},
  )
  subscription.commit(0, 2)
  log.commitGroup(TOPIC, 'alert', 7)
  await fill(log, 10)
  await log.sweep()
  expect((await offsets(log))[0]).toBe(2)
  await subscription.close()
  await log.close()

  const again = await open(disk, { retentionMs: HOUR_MS })
  await again.sweep()
  expect((await offsets(again))[0]).toBe(2)
  expect(again.status().topics[TOPIC]?.groups).toEqual({ store: 2, alert: 7 })
  again.forgetGroup(TOPIC, 'store')
  await again.sweep()
  expect((await offsets(again))[0]).toBe(7)
  await again.close()
})

it('removes the oldest segments above a size limit, and never the one that is written to', async () => {
  const log = await open(disks(), { maxBytes: 3500, retentionMs: undefined })
  await fill(log, 10)
  await log.sweep()
  expect(await offsets(log)).toEqual([7, 8, 9])
  await log.close()

  const tight = await open(disks(), { maxBytes: 1, retentionMs: undefined })
  await fill(tight, 3)
  await tight.sweep()
  expect(await offsets(tight)).toEqual([2])
  await tight.close()
})

it('lets a follower that is behind the retention go on with what is left, without calling it damage', async () => {
  const log = await open(disks(), { retentionMs: HOUR_MS })
  await fill(log, 10)
  await log.sweep()
  const seen: number[] = []
  const subscription = await log.subscribe(
    TOPIC,
    { group: 'late', from: () => 1 },
    async ({ records }) => void seen.push(...records.map((one) => one.offset)),
    () => {},
  )
  await expect.poll(() => seen).toEqual([7, 8, 9])
  expect(log.damage()).toEqual([])
  await subscription.close()
  await log.close()
})

it('sweeps by itself: with each new segment, and from time to time', async () => {
  const removed: number[] = []
  const clock = createVirtualClock(0)
  const log = await open(
    disks(),
    { retentionMs: HOUR_MS },
    { clock, sweepMs: 1000, observer: { removed: (_topic, files) => removed.push(files) } },
  )
  log.commitGroup(TOPIC, 'store', 0)
  await fill(log, 5)
  expect(removed).toEqual([])
  log.commitGroup(TOPIC, 'store', 5)
  clock.advance(1000)
  await expect.poll(() => removed).toEqual([2])
  await fill(log, 1)
  await log.close()
})
