import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../../libs/runtime/virtual-clock.ts'
import { reportHealth } from '../../../../services/all-in-one/report-health.ts'

test('says once when a part is unwell and once when it is well again, and nothing after its end', async () => {
  const clock = createVirtualClock(0)
  const lines: object[] = []
  let log = { ready: true, detail: 'ok' }
  const end = reportHealth({
    clock,
    logger: {
      error: (fields) => lines.push({ level: 'error', ...fields }),
      warn: (fields) => lines.push({ level: 'warn', ...fields }),
      info: (fields) => lines.push({ level: 'info', ...fields }),
    },
    readiness: async () => ({ log, pipeline: { ready: true, detail: 'ok' } }),
  })
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second++) {
      clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await seconds(3)
  expect(lines).toEqual([])
  log = { ready: false, detail: 'the disk is full' }
  await seconds(3)
  expect(lines).toEqual([{ level: 'error', part: 'log', detail: 'the disk is full' }])
  log = { ready: true, detail: 'ok' }
  await seconds(3)
  expect(lines.slice(1)).toEqual([{ level: 'info', part: 'log' }])
  log = { ready: true, detail: 'ok, 1 damaged place' }
  await seconds(3)
  expect(lines.slice(2)).toEqual([{ level: 'warn', part: 'log', detail: 'ok, 1 damaged place' }])
  log = { ready: false, detail: 'the disk is full' }
  end()
  await seconds(3)
  expect(lines).toHaveLength(3)
})
