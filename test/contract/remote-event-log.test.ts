/** The log of a worker thread keeps the EventLog contract: here both ends stand in one thread, the real thread is in test/integration. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createRemoteEventLog, shareEventLog } from '../../libs/adapters/segment/remote-event-log.ts'
import { createSegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import { createSystemClock } from '../../libs/runtime/system-clock.ts'
import { eventLogContract } from './event-log.contract.ts'

const sizes = { segmentBytes: 2048, readyBytes: 4096, growBytes: 1024 }

async function makeHarness() {
  const dir = await mkdtemp(path.join(tmpdir(), 'keng-remote-'))
  async function open() {
    const owner = await createSegmentEventLog({
      dir,
      clock: createSystemClock(),
      sizes: { 'keng.raw.v1': sizes, 'keng.registry.v1': sizes },
    })
    return { owner, log: createRemoteEventLog(shareEventLog(owner).remote) }
  }
  let both = await open()
  async function close() {
    await both.log.close()
    await both.owner.close()
  }
  return {
    log: both.log,
    async restart() {
      await close()
      both = await open()
      return both.log
    },
    compact: () => both.owner.sweep(),
    async dispose() {
      await close()
      await rm(dir, { recursive: true })
    },
  }
}

eventLogContract('remote', makeHarness)
