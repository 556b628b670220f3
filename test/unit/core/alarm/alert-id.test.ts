import { expect, test } from 'vitest'

import { alertId } from '../../../../libs/core/alarm/alert-id.ts'

// Computed elsewhere: base32(sha256("rule\nsubject\nms")[:10]).lower() in Python.
test.each([
  ['water-ph-high', 'tram-01/water.ph', 1_760_000_000_000, 'hp52sfeqkbhc5luh'],
  ['device-silent', 'tram-01', 1_760_000_180_000, 'tcsqlr72fcroz5mv'],
])('the id of %s for %s opened at %i is %s on every machine', (rule, subject, openedAt, id) => {
  expect(alertId(rule, subject, openedAt)).toBe(id)
})

test('another rule, subject or time gives another id', () => {
  const ids = [alertId('a', 'b', 1), alertId('b', 'a', 1), alertId('a', 'b', 2), alertId('a', 'c', 1)]
  expect(new Set(ids).size).toBe(ids.length)
})
