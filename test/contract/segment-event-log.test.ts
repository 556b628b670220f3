/** The segment log keeps the EventLog contract: on a real disk, and on a simulated one that knows what a power cut would leave. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseHeader } from '../../libs/adapters/segment/batch-format.ts'
import type { Disk } from '../../libs/adapters/segment/disk.ts'
import { createNodeDisk } from '../../libs/adapters/segment/node-disk.ts'
import { createSegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import type { LogTopic } from '../../libs/core/log/log-topics.ts'
import { createSystemClock } from '../../libs/runtime/system-clock.ts'
import type { SimulatedDisk } from '../support/simulated-disk.ts'
import { createSimulatedDisk } from '../support/simulated-disk.ts'
import { eventLogContract } from './event-log.contract.ts'

// Small segments, so that the contract crosses many of them.
const sizes = { segmentBytes: 2048, readyBytes: 4096, growBytes: 1024 }

const open = (dir: string, disk: Disk) =>
  createSegmentEventLog({
    dir,
    disk,
    clock: createSystemClock(),
    sizes: { 'keng.raw.v1': sizes, 'keng.registry.v1': sizes },
  })

eventLogContract('segment', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'keng-segment-'))
  let log = await open(dir, createNodeDisk())
  return {
    log,
    async restart() {
      await log.close()
      log = await open(dir, createNodeDisk())
      return log
    },
    compact: () => log.sweep(),
    async dispose() {
      await log.close()
      await rm(dir, { recursive: true })
    },
  }
})

eventLogContract('segment, with its power cut', async () => {
  const disk = createSimulatedDisk()
  let log = await open('/log', disk.process().disk)
  return {
    log,
    async restart() {
      disk.cutPower(1)
      log = await open('/log', disk.process().disk)
      return log
    },
    compact: () => log.sweep(),
    isDurable: (topic, offset) => isOnMedium(disk, topic, offset),
    dispose: () => log.close(),
  }
})

/** Looks for the record's batch in what a power cut would leave. */
function isOnMedium(disk: SimulatedDisk, topic: LogTopic, offset: number): boolean {
  for (const file of disk.files()) {
    if (!file.includes(topic) || !file.endsWith('.segment')) continue
    const bytes = disk.durable(file)
    for (let at = 0; ; ) {
      const header = parseHeader(bytes, at, undefined)
      if (header === null) break
      if (offset >= header.baseOffset && offset < header.baseOffset + header.span) return true
      at += header.length
    }
  }
  return false
}
