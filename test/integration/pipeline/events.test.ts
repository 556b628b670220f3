import { expect, onTestFinished, test } from 'vitest'

import { createMemoryEventLog } from '../../../libs/adapters/memory/memory-event-log.ts'
import { createMemoryReadingStore } from '../../../libs/adapters/memory/memory-reading-store.ts'
import { appendDurably } from '../../../libs/core/log/append-durably.ts'
import { createSystemClock } from '../../../libs/runtime/system-clock.ts'
import { startPipelineRun } from '../../../services/all-in-one/pipeline-run.ts'
import { DECODE_START, device, rawLog } from '../../support/decode-log.ts'

const SMOKE = { id: '1607-mx', ts: DECODE_START, kind: 'smoke', phase: 'start', confidence: 0.87 }

test('an event that the ledger counts as stored is in keng.events.v1, a repetition is not', async () => {
  const log = createMemoryEventLog()
  const run = await startPipelineRun({
    log,
    store: createMemoryReadingStore(),
    clock: createSystemClock(),
    devices: [device('cam-1', { simulated: true })],
    rules: [],
    onDecoded: () => {},
    onFailed: () => {},
  })
  onTestFinished(() => run.stop())
  const arrivals = [SMOKE, SMOKE, { kind: 'sos' }].map((event, at) => ({
    at: DECODE_START + at,
    device: 'cam-1',
    event,
  }))
  await appendDurably(
    log,
    'keng.raw.v1',
    rawLog(arrivals).map(({ time, value }) => ({ key: 'default', time, value })),
  )
  await expect.poll(() => run.ledger({})).toMatchObject({ stored: 2, duplicate: 1, inFlight: 0 })

  const events: unknown[] = []
  await log.read('keng.events.v1', ({ value }) => void events.push(JSON.parse(Buffer.from(value ?? []).toString())))
  expect(events).toEqual([
    expect.objectContaining({ ...SMOKE, device: 'cam-1', receivedAt: DECODE_START, flags: ['simulated'] }),
    expect.objectContaining({ kind: 'sos', ts: DECODE_START + 2 }),
  ])
})
