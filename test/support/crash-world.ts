/** A segment log on a simulated disk, with an account of what it was asked for and what it acknowledged. */

import { expect } from 'vitest'
import type { SegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import { createSegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import type { LogTopic } from '../../libs/core/log/log-topics.ts'
import type { NewRecord } from '../../libs/ports/event-log.ts'
import type { VirtualClock } from '../../libs/runtime/virtual-clock.ts'
import { createVirtualClock } from '../../libs/runtime/virtual-clock.ts'
import type { SimulatedDisk } from './simulated-disk.ts'
import { createSimulatedDisk } from './simulated-disk.ts'

export const RETRY_MS = 250
const TOPIC: LogTopic = 'keng.raw.v1'
const QUIET_TURNS = 12

export interface CrashWorld {
  readonly disk: SimulatedDisk
  readonly clock: VirtualClock
  log(): SegmentEventLog | undefined
  /** Opens the log as a new process. */
  open(): Promise<void>
  /** Appends records with values of about these sizes in one call. */
  append(sizes: readonly number[]): void
  /** How many records were acknowledged so far, and how many appends were refused. */
  acknowledged(): number
  refused(): number
  /** Lets the log do all it can: until it has nothing left, was stopped, or cannot go on. */
  settle(): Promise<void>
  /** What was acknowledged is there, once, in order; appends are there whole or not at all; nothing looks like damage. */
  check(): Promise<void>
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function createCrashWorld(): CrashWorld {
  const disk = createSimulatedDisk()
  const clock = createVirtualClock(1_760_000_000_000)
  const acknowledged = new Map<number, string>()
  // Every text that was ever appended, with those of the same call.
  const asked = new Map<string, readonly string[]>()
  let log: SegmentEventLog | undefined
  let refused = 0
  let next = 0

  async function open(): Promise<void> {
    log = await createSegmentEventLog({
      dir: '/log',
      disk: disk.process().disk,
      clock,
      topics: [TOPIC],
      sizes: { [TOPIC]: { segmentBytes: 6000, readyBytes: 2000, growBytes: 700 } },
      maxGroupBytes: 4000,
      fullRetryMs: RETRY_MS,
    })
  }

  function append(sizes: readonly number[]): void {
    const texts = sizes.map((size) => `${next++}:${'x'.repeat(size)}`)
    for (const text of texts) asked.set(text, texts)
    const records: NewRecord[] = texts.map((text, index) => ({
      key: `${index % 2}`,
      time: clock.now(),
      value: Buffer.from(text),
    }))
    log?.append(TOPIC, records, (error, offset) => {
      if (error !== null) refused++
      else for (const [index, text] of texts.entries()) acknowledged.set(offset + index, text)
    })
  }

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      if (!disk.isStopped() && (log?.status().pendingBytes ?? 0) > 0) quiet = 0
      clock.advance(RETRY_MS)
      await turn()
    }
  }

  async function check(): Promise<void> {
    if (log === undefined) throw new Error('open the log before checking it')
    const read = new Map<number, string>()
    let last = -1
    await log.read(TOPIC, (record) => {
      expect(record.offset).toBeGreaterThan(last)
      last = record.offset
      read.set(record.offset, Buffer.from(record.value ?? []).toString())
    })
    for (const [offset, text] of acknowledged) expect(read.get(offset)).toBe(text)
    const texts = [...read.values()]
    const all = new Set(texts)
    expect(all.size).toBe(texts.length)
    for (const text of texts) {
      const together = asked.get(text)
      expect(together).toBeDefined()
      for (const other of together ?? []) expect(all.has(other)).toBe(true)
    }
    expect((await log.extent(TOPIC, 0)).end).toBe(last + 1)
    // No crash may look like damage: only an unfinished tail is ever cut.
    expect(log.damage().filter((one) => one.kind !== 'tail')).toEqual([])
  }

  return {
    disk,
    clock,
    log: () => log,
    open,
    append,
    acknowledged: () => acknowledged.size,
    refused: () => refused,
    settle,
    check,
  }
}
