import { expect, test } from 'vitest'
import { createInboundWindow } from '../../../../services/ingest/inbound-window.ts'

const ignore = () => {}

test('a resend waits for the append that is pending and is not appended again', () => {
  const window = createInboundWindow(10)
  const heard: string[] = []
  expect(window.receive('s', 7, () => heard.push('first'))).toBe('append')
  expect(window.receive('s', 7, () => heard.push('resend'))).toBe('wait')
  expect(window.isStored('s', 7)).toBe(false)
  window.settle('s', 7, null)
  expect(heard).toEqual(['first', 'resend'])
  expect(window.receive('s', 7, ignore)).toBe('stored')
})

test('an append that failed is forgotten: its resend is a new message', () => {
  const window = createInboundWindow(10)
  const errors: (string | undefined)[] = []
  window.receive('s', 7, (error) => errors.push(error?.message))
  window.settle('s', 7, new Error('disk'))
  expect(errors).toEqual(['disk'])
  expect(window.receive('s', 7, ignore)).toBe('append')
})

test('an id may be used again after PUBREL', () => {
  const window = createInboundWindow(10)
  window.receive('s', 7, ignore)
  window.settle('s', 7, null)
  window.release('s', 7)
  expect(window.receive('s', 7, ignore)).toBe('append')
})

test('PUBREL of an id that is being appended does not open it', () => {
  const window = createInboundWindow(10)
  window.receive('s', 7, ignore)
  window.release('s', 7)
  expect(window.receive('s', 7, ignore)).toBe('wait')
})

test('a session over the bound is told so, others are not', () => {
  const window = createInboundWindow(2)
  for (const id of [1, 2]) expect(window.receive('s', id, ignore)).toBe('append')
  expect(window.receive('s', 3, ignore)).toBe('full')
  expect(window.receive('other', 3, ignore)).toBe('append')
})

test('a session that ended leaves nothing behind once its appends have ended', () => {
  const window = createInboundWindow(10)
  window.receive('s', 1, ignore)
  window.receive('s', 2, ignore)
  window.settle('s', 1, null)
  window.forget('s')
  expect(window.isStored('s', 1)).toBe(false)
  window.settle('s', 2, null)
  window.forget('s')
  expect(window.sessions).toBe(0)
})
