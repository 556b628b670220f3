import { describe, expect, test } from 'vitest'

import { KengError } from '../../../libs/core/errors.ts'
import {
  createLifecycle,
  errorLine,
  exitOnSignals,
  type Part,
  type ProcessEnds,
} from '../../../libs/runtime/lifecycle.ts'
import { createSilentLogger } from '../../../libs/runtime/logger.ts'
import { createVirtualClock } from '../../../libs/runtime/virtual-clock.ts'

function scene() {
  const events: string[] = []
  const clock = createVirtualClock(0)
  const lifecycle = createLifecycle({ logger: createSilentLogger(), clock, drainLimitMs: 9_000 })
  const part = (name: string, changes: Partial<Part> = {}): Part => ({
    name,
    start: async () => void events.push(`start ${name}`),
    stop: async () => void events.push(`stop ${name}`),
    ...changes,
  })
  return { events, clock, lifecycle, part }
}

function fakeProcess() {
  const listeners = new Map<string, (reason: unknown) => void>()
  const exits: number[] = []
  const ends: ProcessEnds = {
    on: (event: string, listener: (reason: unknown) => void) => listeners.set(event, listener),
    exit: (status) => void exits.push(status),
  }
  return { ends, exits, emit: (event: string, reason?: unknown) => listeners.get(event)?.(reason) }
}

describe('the lifecycle', () => {
  test('starts in order and stops in reverse, once', async () => {
    const { events, lifecycle, part } = scene()
    await lifecycle.start([part('log'), part('ingest')])
    expect(await Promise.all([lifecycle.stop(), lifecycle.stop()])).toEqual([true, true])
    expect(events).toEqual(['start log', 'start ingest', 'stop ingest', 'stop log'])
  })

  test('stops what was started when a later part fails, and throws its error', async () => {
    const { events, lifecycle, part } = scene()
    const failing = part('api', { start: () => Promise.reject(new Error('port in use')) })
    await expect(lifecycle.start([part('log'), failing, part('never')])).rejects.toThrow('port in use')
    expect(events).toEqual(['start log', 'stop log'])
  })

  test('goes on stopping when a part fails to stop, and says that not all was clean', async () => {
    const { events, lifecycle, part } = scene()
    await lifecycle.start([part('log'), part('api', { stop: () => Promise.reject(new Error('stuck')) })])
    expect(await lifecycle.stop()).toBe(false)
    expect(events).toContain('stop log')
  })

  test('gives up stopping at its limit', async () => {
    const { clock, lifecycle, part } = scene()
    await lifecycle.start([part('api', { stop: () => new Promise(() => {}) })])
    const stopped = lifecycle.stop()
    clock.advance(9_000)
    expect(await stopped).toBe(false)
  })
})

describe('signals', () => {
  test('drain and exit 0', async () => {
    const { ends, exits, emit } = fakeProcess()
    exitOnSignals(
      async () => true,
      ends,
      () => {},
    )
    emit('SIGTERM')
    await expect.poll(() => exits).toEqual([0])
  })

  test('exit 1 when not all was drained', async () => {
    const { ends, exits, emit } = fakeProcess()
    exitOnSignals(
      async () => false,
      ends,
      () => {},
    )
    emit('SIGINT')
    await expect.poll(() => exits).toEqual([1])
  })

  test('exit at once the second time', () => {
    const { ends, exits, emit } = fakeProcess()
    exitOnSignals(
      () => new Promise(() => {}),
      ends,
      () => {},
    )
    emit('SIGINT')
    expect(exits).toEqual([])
    emit('SIGINT')
    expect(exits).toEqual([1])
  })

  test('an error that nobody caught ends the process with one line', () => {
    const { ends, exits, emit } = fakeProcess()
    const lines: string[] = []
    exitOnSignals(
      async () => true,
      ends,
      (line) => lines.push(line),
    )
    emit('unhandledRejection', new KengError('KENG_LOG_SYNC_FAILED', 'EIO'))
    expect(exits).toEqual([1])
    expect(lines).toEqual([expect.stringMatching(/^keng: KENG_LOG_SYNC_FAILED: .*EIO.*$/)])
  })
})

test('an error line stays one line and names the place of a foreign error', () => {
  const line = errorLine(new Error('first\n  second'))
  expect(line).not.toContain('\n')
  expect(line).toMatch(/first second \(at .*lifecycle\.test\.ts/)
})
