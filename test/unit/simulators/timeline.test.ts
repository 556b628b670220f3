import { expect, test } from 'vitest'

import { deviceTimeline, type TimelineStep } from '../../../simulators/timeline.ts'

const options = { device: 'dev-a', seed: 1, intervalMs: 2000, sample: (t: number) => ({ 'water.level': t }) }
const FROM = Date.UTC(2026, 0, 1)

const messages = (steps: Iterable<TimelineStep>) =>
  [...steps].flatMap((step) => (step.kind === 'publish' ? step.messages : []))

test('messages come every interval from `from` on and before `until`, numbered from 0 within one boot', () => {
  const made = messages(deviceTimeline({ ...options, from: FROM, until: FROM + 20_000 }))
  expect(made).toHaveLength(10)
  expect(made.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(new Set(made.map(({ boot }) => boot)).size).toBe(1)
  expect(
    made.every(({ ts }, index) => ts === (made[0]?.ts ?? 0) + index * 2000 && ts >= FROM && ts < FROM + 20_000),
  ).toBe(true)
  expect(made.every(({ ts, values }) => values['water.level'] === ts)).toBe(true)
})

test('a later start falls on the same times and values, with another boot', () => {
  const early = messages(deviceTimeline({ ...options, from: FROM, until: FROM + 20_000 }))
  const late = messages(deviceTimeline({ ...options, from: FROM + 7001, until: FROM + 20_000 }))
  expect(late.map(({ ts, values }) => ({ ts, values }))).toEqual(
    early.slice(-late.length).map(({ ts, values }) => ({ ts, values })),
  )
  expect(late[0]?.boot).not.toBe(early[0]?.boot)
})
