import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Alert, AlertState } from '../../../../libs/core/alarm/alert.ts'
import { foldAlert } from '../../../../libs/core/alarm/fold-alert.ts'
import { type AlertPlace, createAlertIndex } from '../../../../services/api/alert-index.ts'
import { opened } from '../../../support/api/alert-transitions.ts'

const alertOf = (id: string, openedAt: number, state: AlertState): Alert => {
  const alert = foldAlert(undefined, opened(id, { at: openedAt }), null)
  if (alert === undefined) throw new Error('an opened alert is an alert')
  return { ...alert, state }
}

const STATES = ['active', 'returned', 'closed'] as const
const changes = fc.array(fc.record({ id: fc.integer({ min: 0, max: 30 }), state: fc.constantFrom(...STATES) }), {
  maxLength: 80,
})
const filters = fc.record({
  states: fc.option(fc.uniqueArray(fc.constantFrom(...STATES), { minLength: 1 }), { nil: undefined }),
  from: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
  to: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
})

test('pages of any size put together are what sorting and filtering everything gives', () => {
  fc.assert(
    fc.property(changes, filters, fc.integer({ min: 1, max: 7 }), (steps, { states, from, to }, limit) => {
      const index = createAlertIndex()
      const all = new Map<string, Alert>()
      for (const { id, state } of steps) {
        // Several open at the same moment, and they come in any order.
        const alert = alertOf(`a-${id}`, (id * 7) % 12, state)
        index.put(alert)
        all.set(alert.id, alert)
      }
      const filter = {
        ...(states !== undefined && { states: new Set<AlertState>(states) }),
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      }
      const expected = [...all.values()]
        .filter(({ state }) => states === undefined || states.includes(state))
        .filter(({ openedAt }) => (from === undefined || openedAt >= from) && (to === undefined || openedAt < to))
        .sort((a, b) => b.openedAt - a.openedAt || (a.id < b.id ? 1 : -1))

      const seen: Alert[] = []
      let after: AlertPlace | undefined
      for (;;) {
        const { items, next } = index.list(filter, limit, after)
        expect(items.length).toBeLessThanOrEqual(limit)
        seen.push(...items)
        if (next === null) break
        after = next
      }
      expect(seen.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
      expect(index.size()).toBe(all.size)
    }),
  )
})
