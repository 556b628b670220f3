import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type {
  Alert,
  AlertTransition,
  Decision,
  Opened,
  OperatorAction,
  Severity,
} from '../../../../libs/core/alarm/alert.ts'
import { foldAlert } from '../../../../libs/core/alarm/fold-alert.ts'

// Many runs on a machine that has other things to do.
const PROPERTY_MS = 20_000

const place = (offset: number) => ({ partition: 0, offset, index: 0 })
const opening = (severity: Severity = 'high'): Opened => ({
  type: 'opened',
  alert: 'id',
  cell: 'x',
  at: 100,
  decidedAt: place(1),
  rule: 'r',
  subject: 's/water.ph',
  device: 's',
  severity,
  simulated: false,
  retrospective: false,
  message: { vi: 'cao', en: 'high' },
  evidence: [],
})
const returned: Decision = { type: 'returned', alert: 'id', cell: 'x', at: 200, decidedAt: place(5), evidence: [] }
const stale: Decision = { type: 'stale', alert: 'id', cell: 'x', at: 150, decidedAt: place(2) }
const fresh: Decision = { type: 'fresh', alert: 'id', cell: 'x', at: 160, decidedAt: place(3) }
const by = (type: OperatorAction['type'], at = 180): OperatorAction => ({ type, alert: 'id', at, by: 'lan' })

const fold = (transitions: readonly AlertTransition[]): Alert | undefined =>
  transitions.reduce<Alert | undefined>((alert, transition) => foldAlert(alert, transition, 'xa-1'), undefined)

describe('state and acknowledgement are independent', () => {
  test('an alert opens active and not acknowledged, in the area where its device stands', () => {
    expect(fold([opening()])).toMatchObject({
      id: 'id',
      state: 'active',
      acknowledged: null,
      hidden: null,
      stale: false,
      area: 'xa-1',
      openedAt: 100,
      closedAt: null,
    })
  })

  test('it closes when it has returned and is acknowledged, in either order', () => {
    expect(fold([opening(), by('acknowledged')])).toMatchObject({
      state: 'active',
      acknowledged: { by: 'lan', at: 180 },
    })
    expect(fold([opening(), returned])).toMatchObject({ state: 'returned', returnedAt: 200, closedAt: null })
    expect(fold([opening(), by('acknowledged'), returned])).toMatchObject({ state: 'closed', closedAt: 200 })
    expect(fold([opening(), returned, by('acknowledged', 300)])).toMatchObject({ state: 'closed', closedAt: 300 })
  })

  test('low severity closes on return, without anybody', () => {
    expect(fold([opening('low'), returned])).toMatchObject({ state: 'closed', acknowledged: null, closedAt: 200 })
  })

  test('closed by hand it stays closed when it returns', () => {
    expect(fold([opening(), by('closed'), returned])).toMatchObject({ state: 'closed', closedAt: 180, returnedAt: 200 })
  })

  test('the first acknowledgement stands; a comment changes nothing but the history', () => {
    const alert = fold([opening(), by('acknowledged', 120), by('acknowledged', 130), by('commented')])
    expect(alert).toMatchObject({ state: 'active', acknowledged: { at: 120 } })
    expect(alert?.history.map(({ type }) => type)).toEqual(['opened', 'acknowledged', 'acknowledged', 'commented'])
  })

  test('silence marks it stale and ends nothing', () => {
    expect(fold([opening(), stale])).toMatchObject({ state: 'active', stale: true })
    expect(fold([opening(), stale, fresh])).toMatchObject({ state: 'active', stale: false })
    expect(fold([opening(), stale, returned])).toMatchObject({ state: 'returned', stale: false })
  })
})

test('a transition of an alert that was never opened gives no alert', () => {
  expect(foldAlert(undefined, returned, null)).toBeUndefined()
})

test('a transition of another alert changes nothing', () => {
  const alert = fold([opening()])
  expect(foldAlert(alert, { ...returned, alert: 'other' }, null)).toBe(alert)
})

const life = fc
  .record({
    severity: fc.constantFrom<Severity[]>('low', 'medium', 'high', 'critical'),
    decisions: fc.subarray([stale, fresh, returned]),
    actions: fc.array(
      fc.record({
        type: fc.constantFrom<OperatorAction['type'][]>('acknowledged', 'commented', 'closed'),
        at: fc.nat(500),
      }),
    ),
    places: fc.array(fc.nat(20)),
  })
  .map(({ severity, decisions, actions, places }) => {
    const transitions: AlertTransition[] = [opening(severity), ...decisions]
    for (const [i, { type, at }] of actions.entries())
      transitions.splice(1 + ((places[i] ?? 0) % transitions.length), 0, by(type, at))
    return transitions
  })

test(
  'any repetition, at any later place, changes nothing',
  () => {
    fc.assert(
      fc.property(life, fc.array(fc.tuple(fc.nat(), fc.nat())), (transitions, repeats) => {
        const repeated = [...transitions]
        for (const [which, where] of repeats) {
          const from = which % repeated.length
          const transition = repeated[from]
          if (transition !== undefined) repeated.splice(from + 1 + (where % (repeated.length - from)), 0, transition)
        }
        expect(fold(repeated)).toEqual(fold(transitions))
      }),
    )
  },
  PROPERTY_MS,
)

test(
  'two engines that decide the same, however their records interleave, give the same alert',
  () => {
    fc.assert(
      fc.property(life, fc.infiniteStream(fc.boolean()), (transitions, coin) => {
        const first = [...transitions]
        const second = transitions.filter((transition) => 'decidedAt' in transition)
        const mixed: AlertTransition[] = []
        while (first.length > 0 || second.length > 0) {
          const from = second.length === 0 || (first.length > 0 && coin.next().value) ? first : second
          mixed.push(...from.splice(0, 1))
        }
        // What people did stands where it stands; of each decision the first of the two records counts.
        expect(fold(mixed)).toEqual(fold([...new Set(mixed)]))
      }),
    )
  },
  PROPERTY_MS,
)
