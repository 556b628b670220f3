import { describe, expect, test } from 'vitest'

import { applyFaults, FAULT_KINDS } from '../../../../simulators/faults/apply-faults.ts'
import { sendAgain } from '../../../../simulators/faults/duplicate.ts'
import { offlineThenBackfill } from '../../../../simulators/faults/offline.ts'
import { rebootTo1970 } from '../../../../simulators/faults/reboot.ts'
import { listedSchedule, seededSchedule } from '../../../../simulators/faults/schedule.ts'
import { spikes } from '../../../../simulators/faults/spike.ts'
import {
  deviceTimeline,
  type SimulatedMessage,
  type TimelineStep,
  type Values,
} from '../../../../simulators/timeline.ts'

const SECOND = 1000
const FROM = Date.UTC(2026, 0, 1)
const DEVICE = 'dev-a'

const steady = (seconds: number, sample: (t: number) => Values = () => ({ 'water.ph': 7, 'device.battery': 90 })) =>
  deviceTimeline({ device: DEVICE, seed: 1, from: FROM, until: FROM + seconds * SECOND, intervalMs: SECOND, sample })

const window = (from: number, to: number) => listedSchedule([{ from: FROM + from * SECOND, to: FROM + to * SECOND }])
const publishes = (steps: readonly TimelineStep[]) => steps.filter((step) => step.kind === 'publish')
const messagesOf = (steps: readonly TimelineStep[]): SimulatedMessage[] =>
  publishes(steps).flatMap(({ messages }) => [...messages])
const inOrder = (steps: readonly TimelineStep[]) =>
  steps.every((step, index) => index === 0 || step.at >= (steps[index - 1]?.at ?? 0))

describe('offline then backfill', () => {
  test('holds messages while the link is cut and sends them in order as one array when it is back', () => {
    const steps = [...offlineThenBackfill(steady(60), window(10, 40))]
    expect(messagesOf(steps).map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, seq) => seq))
    const kinds = steps.map(({ kind }) => kind)
    expect(kinds.indexOf('restore') - kinds.indexOf('cut')).toBe(1)
    const backfill = publishes(steps).find(({ messages }) => messages.length > 1)
    expect(backfill?.messages).toHaveLength(30)
    expect(backfill?.messages.every(({ faults }) => faults.includes('offline'))).toBe(true)
    expect(inOrder(steps)).toBe(true)
  })

  test('sends arrays of 1,000 at most', () => {
    const arrays = publishes([...offlineThenBackfill(steady(3600), window(10, 3000))]).filter(
      ({ messages }) => messages.length > 1,
    )
    expect(arrays.map(({ messages }) => messages.length)).toEqual([1000, 1000, 990])
  })

  test('keeps packets below the limit of the broker when messages are large', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`water.channel_with_a_long_name_${n}`, 1 / 3]),
    )
    const arrays = publishes([
      ...offlineThenBackfill(
        steady(600, () => wide),
        window(10, 500),
      ),
    ])
    expect(arrays.filter(({ messages }) => messages.length > 1).length).toBeGreaterThan(2)
    for (const { messages } of arrays) expect(JSON.stringify(messages).length).toBeLessThan(256 * 1024)
  })

  test('says what its memory could not hold, and sends the rest when the timeline ends offline', () => {
    const steps = [...offlineThenBackfill(steady(100), window(10, 200), 50)]
    const lost = steps.flatMap((step) => (step.kind === 'lost' ? step.messages : []))
    expect(lost.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, index) => 10 + index))
    expect(messagesOf(steps)).toHaveLength(60)
    expect(steps.at(-2)?.kind).toBe('restore')
  })
})

describe('reboot to 1970', () => {
  const options = { seed: 1, device: DEVICE, schedule: window(10, 30), downMs: 3 * SECOND }

  test('begins a new boot at seq 0 in 1970 and has the right time from synchronisation on', () => {
    const steps = [...rebootTo1970(steady(60), options)]
    const messages = messagesOf(steps)
    const before = messages.slice(0, 10)
    const after = messages.slice(10)
    expect(after[0]?.boot).not.toBe(before[0]?.boot)
    expect(after.map(({ seq }) => seq)).toEqual(Array.from({ length: 47 }, (_, seq) => seq))
    const wrong = after.filter(({ faults }) => faults.includes('reboot-1970'))
    expect(wrong).toHaveLength(17)
    expect(wrong.every(({ ts }) => ts >= 0 && ts < 60 * SECOND)).toBe(true)
    expect(after.slice(17).every(({ ts, faults }) => ts > FROM && faults.length === 0)).toBe(true)
  })

  test('cuts the connection, measures nothing while it is down, and connects again', () => {
    const steps = [...rebootTo1970(steady(60), options)]
    const cut = steps.findIndex(({ kind }) => kind === 'cut')
    expect(steps[cut + 1]).toMatchObject({ kind: 'restore' })
    expect((steps[cut + 1]?.at ?? 0) - (steps[cut]?.at ?? 0)).toBe(3 * SECOND)
    expect(messagesOf(steps)).toHaveLength(57)
  })

  test('connects again even when the timeline ends while it is down', () => {
    expect([...rebootTo1970(steady(12), options)].at(-1)?.kind).toBe('restore')
  })
})

describe('duplicate', () => {
  test('sends some packets again with the same boot, seq and values, soon after and in order of time', () => {
    const steps = [...sendAgain(steady(1000), { seed: 1, device: DEVICE, share: 0.1, withinMs: 5 * SECOND })]
    const repeats = publishes(steps).filter(({ repeat }) => repeat)
    expect(repeats.length).toBeGreaterThan(60)
    expect(repeats.length).toBeLessThan(150)
    const originals = new Map(
      publishes(steps).flatMap(({ at, messages, repeat }) =>
        repeat ? [] : messages.map((message) => [message.seq, { at, message }] as const),
      ),
    )
    for (const { at, messages } of repeats) {
      const original = originals.get(messages[0]?.seq ?? -1)
      expect(messages[0]).toMatchObject({
        boot: original?.message.boot,
        ts: original?.message.ts,
        values: original?.message.values,
      })
      expect(at - (original?.at ?? 0)).toBeGreaterThanOrEqual(0)
      expect(at - (original?.at ?? 0)).toBeLessThan(5 * SECOND)
    }
    expect(inOrder(steps)).toBe(true)
  })
})

describe('spike', () => {
  test('moves one probe of some messages far away, says which, and leaves the device itself alone', () => {
    const messages = messagesOf([...spikes(steady(1000), { seed: 1, device: DEVICE, share: 0.1 })])
    const wrong = messages.filter(({ faults }) => faults.length > 0)
    expect(wrong.length).toBeGreaterThan(60)
    expect(wrong.length).toBeLessThan(150)
    for (const { faults, values } of wrong) {
      expect(faults).toEqual(['spike:water.ph'])
      expect(Math.abs(Number(values['water.ph']) - 7)).toBeGreaterThan(4)
      expect(values['device.battery']).toBe(90)
    }
    expect(messages.filter(({ faults }) => faults.length === 0).every(({ values }) => values['water.ph'] === 7)).toBe(
      true,
    )
  })
})

describe('all faults together', () => {
  const all = () => [...applyFaults(steady(7200), { seed: 4, device: DEVICE, kinds: FAULT_KINDS })]

  test('are the same for the same seed', () => {
    expect(all()).toEqual(all())
    expect(all()).not.toEqual([...applyFaults(steady(7200), { seed: 5, device: DEVICE, kinds: FAULT_KINDS })])
  })

  test('keep every message exactly once apart from copies, in order within a boot', () => {
    const steps = all()
    const originals = publishes(steps).flatMap(({ messages, repeat }) => (repeat ? [] : [...messages]))
    const identities = originals.map(({ boot, seq }) => `${boot} ${seq}`)
    expect(new Set(identities).size).toBe(identities.length)
    const boots = new Map<string, number>()
    for (const { boot, seq } of originals) {
      expect(seq).toBe((boots.get(boot) ?? -1) + 1)
      boots.set(boot, seq)
    }
    expect(boots.size).toBeGreaterThan(5)
    const labels = new Set(messagesOf(steps).flatMap(({ faults }) => faults.map((fault) => fault.split(':')[0])))
    expect(labels).toEqual(new Set(['offline', 'duplicate', 'reboot-1970', 'spike']))
    expect(inOrder(steps)).toBe(true)
  })

  test('leave the link restored at the end', () => {
    const links = all().flatMap(({ kind }) => (kind === 'cut' || kind === 'restore' ? [kind] : []))
    expect(links.length).toBeGreaterThan(10)
    expect(links.at(-1)).toBe('restore')
  })
})

test('a seeded schedule has one window in every stretch, within its lengths', () => {
  const everyMs = 600 * SECOND
  const schedule = seededSchedule({
    seed: 2,
    device: DEVICE,
    fault: 'offline',
    everyMs,
    shortestMs: 30 * SECOND,
    longestMs: 120 * SECOND,
  })
  const windows = new Map<number, number>()
  for (let t = 0; t < 20 * everyMs; t += SECOND) {
    const now = schedule(t)
    if (now !== null) windows.set(now.from, now.to - now.from)
  }
  expect(windows.size).toBe(20)
  for (const length of windows.values()) {
    expect(length).toBeGreaterThanOrEqual(30 * SECOND - 1)
    expect(length).toBeLessThanOrEqual(120 * SECOND)
  }
})
