/** A compacted topic holds the newest record of each key, whenever the machine stops. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SegmentEventLog } from '../../../../libs/adapters/segment/segment-event-log.ts'
import { createSegmentEventLog } from '../../../../libs/adapters/segment/segment-event-log.ts'
import { appendDurably } from '../../../../libs/core/log/append-durably.ts'
import { createVirtualClock } from '../../../../libs/runtime/virtual-clock.ts'
import { turn } from '../../../support/crash-world.ts'
import type { SimulatedDisk } from '../../../support/simulated-disk.ts'
import { createSimulatedDisk } from '../../../support/simulated-disk.ts'

const TOPIC = 'keng.registry.v1'
const RUNS = Number(process.env.KENG_PROPERTY_RUNS ?? 40)
const LIMIT_MS = 20_000 + RUNS * 100

function open(disk: SimulatedDisk, onCompacted: () => void = () => {}): Promise<SegmentEventLog> {
  return createSegmentEventLog({
    dir: '/log',
    disk: disk.process().disk,
    clock: createVirtualClock(0),
    topics: [TOPIC],
    sizes: { [TOPIC]: { segmentBytes: 600, readyBytes: 0, growBytes: 0 } },
    observer: { compacted: onCompacted },
  })
}

type Step =
  | { readonly do: 'set'; readonly key: number; readonly size: number }
  | { readonly do: 'delete'; readonly key: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'crash'; readonly after: number; readonly seed: number; readonly power: boolean }

const key = fc.nat({ max: 6 })
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('set' as const), key, size: fc.nat({ max: 300 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('crash' as const),
        after: fc.nat({ max: 60 }),
        seed: fc.nat(),
        power: fc.boolean(),
      }),
    },
  ),
  { minLength: 5, maxLength: 60 },
)

async function stateOf(log: SegmentEventLog): Promise<Record<string, string>> {
  const state = new Map<string, string>()
  let last = -1
  await log.read(TOPIC, (one) => {
    expect(one.offset).toBeGreaterThan(last)
    last = one.offset
    if (one.value === null) state.delete(one.key)
    else state.set(one.key, Buffer.from(one.value).toString())
  })
  return Object.fromEntries(state)
}

it(
  'keeps exactly the newest record of each key through compactions and crashes, with offsets that only go up',
  async () => {
    let compactions = 0
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const disk = createSimulatedDisk()
        const state = new Map<string, string>()
        let log = await open(disk, () => compactions++)
        let end = 0
        for (const [index, step] of list.entries()) {
          if (step.do === 'set' || step.do === 'delete') {
            const text = step.do === 'set' ? `${index}:${'v'.repeat(step.size)}` : null
            const value = text === null ? null : Buffer.from(text)
            expect(await appendDurably(log, TOPIC, [{ key: `${step.key}`, time: index, value }])).toBe(end++)
            if (text === null) state.delete(`${step.key}`)
            else state.set(`${step.key}`, text)
          } else if (step.do === 'sweep') {
            await log.sweep()
          } else {
            disk.stopAfter(step.after)
            void log.sweep()
            for (let turns = 0; turns < 10; turns++) await turn()
            if (step.power) disk.cutPower(step.seed)
            log = await open(disk, () => compactions++)
          }
          expect(await log.extent(TOPIC, 0)).toMatchObject({ end })
        }
        expect(await stateOf(log)).toEqual(Object.fromEntries(state))
        expect(log.damage()).toEqual([])
        await log.close()
      }),
      { numRuns: RUNS },
    )
    expect(compactions).toBeGreaterThan(RUNS / 4)
  },
  LIMIT_MS,
)

it('leaves one snapshot and the tail, drops what is deleted, and shrinks', async () => {
  const disk = createSimulatedDisk()
  const log = await open(disk)
  for (let round = 0; round < 40; round++) {
    await appendDurably(log, TOPIC, [{ key: `${round % 2}`, time: round, value: Buffer.alloc(100, round) }])
  }
  await appendDurably(log, TOPIC, [{ key: '0', time: 99, value: null }])
  for (let round = 0; round < 6; round++) {
    await appendDurably(log, TOPIC, [{ key: '1', time: 100 + round, value: Buffer.alloc(100, round) }])
  }
  await log.sweep()
  const names = disk.files().map((file) => file.split('/').at(-1))
  expect(names.filter((name) => name?.endsWith('.snapshot'))).toHaveLength(1)
  expect(names.filter((name) => name?.endsWith('.segment')).length).toBeLessThanOrEqual(2)
  const keys: string[] = []
  await log.read(TOPIC, (one) => keys.push(one.key))
  expect(new Set(keys)).toEqual(new Set(['1']))
  await log.close()
})

it('does not compact past a follower or a committed group, who would miss deletions', async () => {
  const disk = createSimulatedDisk()
  let compactions = 0
  const log = await open(disk, () => compactions++)
  log.commitGroup(TOPIC, 'alert', 1)
  for (let round = 0; round < 30; round++) {
    await appendDurably(log, TOPIC, [{ key: 'k', time: round, value: Buffer.alloc(100) }])
  }
  await log.sweep()
  expect(compactions).toBe(0)
  log.commitGroup(TOPIC, 'alert', 30)
  await log.sweep()
  expect(compactions).toBe(1)
  await log.close()
})

it('reads a whole topic as it was at the start, also when it is compacted meanwhile', async () => {
  const disk = createSimulatedDisk()
  const log = await open(disk)
  for (let round = 0; round < 30; round++) {
    await appendDurably(log, TOPIC, [{ key: `${round}`, time: round, value: Buffer.alloc(100) }])
  }
  for (let round = 0; round < 30; round++) await appendDurably(log, TOPIC, [{ key: `${round}`, time: 30, value: null }])
  const alive = new Set<string>()
  let swept: Promise<void> | undefined
  await log.read(TOPIC, (one) => {
    swept ??= log.sweep()
    if (one.value === null) alive.delete(one.key)
    else alive.add(one.key)
  })
  await swept
  expect([...alive]).toEqual([])
  await log.close()
})

it('stops the log where a snapshot cannot be synced, and leaves the old files', async () => {
  const disk = createSimulatedDisk()
  const log = await open(disk)
  log.commitGroup(TOPIC, 'alert', 1)
  for (let round = 0; round < 30; round++) {
    await appendDurably(log, TOPIC, [{ key: `${round % 3}`, time: round, value: Buffer.alloc(100) }])
  }
  log.commitGroup(TOPIC, 'alert', 30)
  disk.fail('sync', 'EIO')
  await log.sweep()
  expect(log.status()).toMatchObject({
    state: 'failed',
    topics: { [TOPIC]: { sweepError: expect.stringContaining('EIO') } },
  })
  await expect(appendDurably(log, TOPIC, [])).rejects.toMatchObject({ code: 'KENG_LOG_SYNC_FAILED' })
  disk.cutPower(3)
  expect(Object.keys(await stateOf(await open(disk)))).toEqual(['0', '1', '2'])
})
