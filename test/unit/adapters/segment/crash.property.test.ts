/** Whatever happens to the machine, the process and the disk: what was acknowledged is read back, once, in order. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CrashWorld } from '../../../support/crash-world.ts'
import { createCrashWorld, RETRY_MS, turn } from '../../../support/crash-world.ts'

const RUNS = Number(process.env.KENG_PROPERTY_RUNS ?? 80)
const LIMIT_MS = 20_000 + RUNS * 100

type Step =
  | { readonly do: 'append'; readonly records: readonly number[] }
  | { readonly do: 'turn'; readonly turns: number }
  | { readonly do: 'power cut'; readonly after: number; readonly seed: number }
  | { readonly do: 'kill'; readonly after: number }
  | { readonly do: 'restart' }
  | { readonly do: 'fill disk'; readonly room: number; readonly turns: number }
  | { readonly do: 'fail'; readonly kind: 'write' | 'sync' }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        records: fc.array(fc.nat({ max: 1500 }), { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('turn' as const), turns: fc.nat({ max: 12 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('power cut' as const), after: fc.nat({ max: 20 }), seed: fc.nat() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), after: fc.nat({ max: 20 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('fill disk' as const),
        room: fc.nat({ max: 3000 }),
        turns: fc.nat({ max: 20 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('fail' as const),
        kind: fc.constantFrom('write' as const, 'sync' as const),
      }),
    },
  ),
  { minLength: 1, maxLength: 30 },
)

async function perform(world: CrashWorld, step: Step): Promise<void> {
  switch (step.do) {
    case 'append':
      world.append(step.records)
      return
    case 'turn':
      for (let index = 0; index < step.turns; index++) await turn()
      return
    case 'power cut':
      world.disk.stopAfter(step.after)
      await world.settle()
      world.disk.cutPower(step.seed)
      await world.open()
      await world.check()
      return
    case 'kill':
      world.disk.stopAfter(step.after)
      await world.settle()
      await world.open()
      await world.check()
      return
    case 'restart':
      await world.log()?.close()
      await world.open()
      await world.check()
      return
    case 'fill disk':
      world.disk.setCapacity(world.disk.used() + step.room)
      for (let index = 0; index < step.turns; index++) {
        world.clock.advance(RETRY_MS)
        await turn()
      }
      world.disk.setCapacity(Number.POSITIVE_INFINITY)
      return
    case 'fail':
      world.disk.fail(step.kind, 'EIO')
      await world.settle()
      world.disk.heal()
      if (world.log()?.status().state === 'failed') {
        const acknowledged = world.acknowledged()
        world.append([10])
        await world.settle()
        expect(world.acknowledged()).toBe(acknowledged)
        await world.open()
        await world.check()
      }
  }
}

it(
  'keeps every acknowledged record through any interleaving of appends, crashes, full disks and I/O errors',
  async () => {
    const seen = { acknowledged: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (list, seed) => {
        const world = createCrashWorld()
        await world.open()
        for (const step of list) await perform(world, step)
        await world.settle()
        await world.check()
        world.disk.cutPower(seed)
        await world.open()
        await world.check()
        seen.acknowledged += world.acknowledged()
        seen.refused += world.refused()
      }),
      { numRuns: RUNS },
    )
    // The property would hold of a log that does nothing: it must have done something.
    expect(seen.acknowledged).toBeGreaterThan(100)
    expect(seen.refused).toBeGreaterThan(0)
  },
  LIMIT_MS,
)
