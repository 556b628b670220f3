/** The segment log keeps the EventLog contract on a real disk. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createSegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import { createSystemClock } from '../../libs/runtime/system-clock.ts'
import { eventLogContract } from './event-log.contract.ts'

// Small segments, so that the contract crosses many of them.
const sizes = { segmentBytes: 2048, readyBytes: 4096, growBytes: 1024 }

async function makeHarness() {
  const dir = await mkdtemp(path.join(tmpdir(), 'keng-segment-'))
  const open = () =>
    createSegmentEventLog({
      dir,
      clock: createSystemClock(),
      sizes: { 'keng.raw.v1': sizes, 'keng.registry.v1': sizes },
    })
  let log = await open()
  return {
    log,
    async restart() {
      await log.close()
      log = await open()
      return log
    },
    compact: () => log.sweep(),
    async dispose() {
      await log.close()
      await rm(dir, { recursive: true })
    },
  }
}

eventLogContract('segment', makeHarness)
