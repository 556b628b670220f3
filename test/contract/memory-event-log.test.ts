/** The memory log keeps the EventLog contract. */

import { createMemoryEventLog } from '../../libs/adapters/memory/memory-event-log.ts'
import { eventLogContract } from './event-log.contract.ts'

async function makeHarness() {
  const log = createMemoryEventLog()
  return {
    log,
    compact: async (topic: Parameters<typeof log.compact>[0]) => log.compact(topic),
    dispose: () => log.close(),
  }
}

eventLogContract('memory', makeHarness, { survivesRestart: { no: 'memory is volatile by design' } })
