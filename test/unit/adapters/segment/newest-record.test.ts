import { expect, test } from 'vitest'
import { createSegmentEventLog } from '../../../../libs/adapters/segment/segment-event-log.ts'
import { appendDurably } from '../../../../libs/core/log/append-durably.ts'
import { createVirtualClock } from '../../../../libs/runtime/virtual-clock.ts'
import { createSimulatedDisk } from '../../../support/simulated-disk.ts'

const TOPIC = 'keng.raw.v1'

test('the newest record is found when the log is opened, also where nothing lies just before the end', async () => {
  const disk = createSimulatedDisk()
  const open = () =>
    createSegmentEventLog({ dir: '/log', disk: disk.process().disk, clock: createVirtualClock(0), topics: [TOPIC] })

  const empty = await open()
  expect(empty.newestAtOpen(TOPIC)).toBeUndefined()
  const values = ['first', 'second'].map((text) => ({ key: 'a', time: 5, value: Buffer.from(text) }))
  await appendDurably(empty, TOPIC, values)
  await empty.close()

  const before = await open()
  expect(before.newestAtOpen(TOPIC)).toMatchObject({ offset: 1, time: 5, value: Buffer.from('second') })
  await before.reach(TOPIC, 100)
  await before.close()

  const behindGap = await open()
  expect(await behindGap.extent(TOPIC, 0)).toMatchObject({ end: 100 })
  expect(behindGap.newestAtOpen(TOPIC)).toMatchObject({ offset: 1, value: Buffer.from('second') })
  await behindGap.close()
})
