import { expect, test } from 'vitest'
import { createPersistentSessions } from '../../../../services/ingest/persistent-sessions.ts'

test('a device may come back to its sessions, but not leave more behind than the bound', () => {
  const sessions = createPersistentSessions(2)
  expect(['a', 'b', 'a', 'c'].map((id) => sessions.admit('ws-1', id, false))).toEqual([true, true, true, false])
  expect(sessions.admit('ws-2', 'c', false)).toBe(true)
})

test('a session that is cleaned makes room', () => {
  const sessions = createPersistentSessions(1)
  sessions.admit('ws-1', 'a', false)
  expect(sessions.admit('ws-1', 'a', true)).toBe(true)
  expect(sessions.admit('ws-1', 'b', false)).toBe(true)
})

test('clean sessions are not counted', () => {
  const sessions = createPersistentSessions(1)
  for (const id of ['a', 'b', 'c']) expect(sessions.admit('ws-1', id, true)).toBe(true)
})
