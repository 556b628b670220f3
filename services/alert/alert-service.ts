/** Runs the alarm engine over one partition of decoded records: transitions go out at once, its memory with each flush. */

import type { Decision, Returned } from '../../libs/core/alarm/alert.ts'
import { type AlarmEngine, createAlarmEngine } from '../../libs/core/alarm/engine.ts'
import type { AlertRule } from '../../libs/core/alarm/rule.ts'
import type { DecodedRecord } from '../../libs/core/decode/decoded.ts'
import type { DeviceEntry } from '../../libs/core/device.ts'
import { KengError } from '../../libs/core/errors.ts'
import { appendDurably } from '../../libs/core/log/append-durably.ts'
import type { EventLog, NewRecord } from '../../libs/ports/event-log.ts'
import type { Logger } from '../../libs/runtime/logger.ts'
import { decisionName, MEMORY_TOPIC, POSITION_KEY, type RecalledAlerts, recallAlerts } from './recall-alerts.ts'
import { createTransitionWriter } from './transition-writer.ts'

export interface AlertServiceDeps {
  readonly log: EventLog
  readonly logger?: Pick<Logger, 'info' | 'warn'>
}

export interface AlertServiceOptions {
  readonly rules: readonly AlertRule[]
  /** What the registry says now; the engine's memory and the records go before it. */
  readonly devices: Iterable<DeviceEntry>
  /** The partition of the raw log; one machine has one. */
  readonly partition?: number
}

export interface AlertService {
  /** Reads the engine's memory and what it wrote. Call once, before anything else. */
  start(): Promise<void>
  /**
   * Folds records in offset order, each once, and appends what was decided without waiting for it. Records that the
   * memory knows already are passed over, so a decoder may begin before the engine's position.
   */
  apply(records: readonly DecodedRecord[]): void
  /**
   * Resolves when all transitions so far, and the memory as of the last record applied, are durable. Everything before
   * `offset` must have been applied. Rejects with the log's error; what failed is tried again by the next call.
   */
  flush(offset: number): Promise<void>
  /** For metrics: transitions appended by this process, and those that are not durable yet. */
  readonly transitions: number
  readonly waiting: number
}

// Decisions of the service itself at one record count from here: the engine never takes so many.
const OWN_INDEX = 1_000_000

export function createAlertService({ log, logger }: AlertServiceDeps, options: AlertServiceOptions): AlertService {
  const { rules, devices, partition = 0 } = options
  const writer = createTransitionWriter(log)
  const unsaved = new Map<string, string | null>()
  let engine: AlarmEngine | null = null
  let recalled: RecalledAlerts | null = null
  let next = 0
  let saved = -1
  let lastTime = 0
  let transitions = 0

  const started = () => {
    if (engine === null || recalled === null)
      throw new KengError('KENG_ALERT_MEMORY', 'the alert service was not started')
    return { engine, recalled }
  }

  // Rules changed together with a crash: what the former rules opened after the last flush nobody would ever end.
  const disown = ({ open, written }: RecalledAlerts, record: DecodedRecord): Decision[] => {
    const disowned = [...open].filter(([name]) => written.has(name)).map(([, decision]) => decision)
    open.clear()
    if (written.size > 0)
      logger?.warn({ decisions: written.size }, 'decisions in the log that the rules do not give any more')
    written.clear()
    return disowned.map(({ alert, cell, at }, i): Returned => {
      const decidedAt = { partition, offset: record.offset, index: OWN_INDEX + i }
      const returnedAt = Math.max(at, record.time)
      return { type: 'returned', alert, cell, at: returnedAt, decidedAt, endedBy: 'rule-changed', evidence: [] }
    })
  }

  const decide = (record: DecodedRecord): readonly Decision[] => {
    const { engine, recalled } = started()
    engine.step(record)
    const decided = engine.take()
    if (recalled.written.size === 0) return decided
    const fresh = decided.filter((decision) => !recalled.written.delete(decisionName(decision)))
    return record.offset < recalled.writtenUpTo ? fresh : [...fresh, ...disown(recalled, record)]
  }

  return {
    async start() {
      recalled = await recallAlerts(log, partition)
      const { memory, position, written } = recalled
      engine = createAlarmEngine({ rules, devices, memory })
      next = position
      saved = position
      lastTime = recalled.times.alerts
      logger?.info({ position, memory: memory.size, again: written.size }, 'the alarm engine goes on from its memory')
    },
    apply(records) {
      const { recalled } = started()
      const appends: NewRecord[] = []
      for (const record of records) {
        if (record.offset < next) continue
        next = record.offset + 1
        recalled.times.memory = Math.max(recalled.times.memory, record.time)
        for (const decision of decide(record)) {
          lastTime = Math.max(lastTime, record.time)
          appends.push({ key: decision.cell, time: lastTime, value: Buffer.from(JSON.stringify(decision)) })
        }
      }
      if (appends.length === 0) return
      transitions += appends.length
      writer.add(appends)
    },
    async flush(offset) {
      const { engine, recalled } = started()
      for (const [key, value] of engine.takeMemory()) unsaved.set(key, value)
      // Records may have been applied beyond the offset: the memory knows them, so it says so.
      const position = Math.max(offset, next)
      const changes = [...unsaved]
      const { memory: time } = recalled.times
      // Not side by side: a memory that is ahead of its transitions would lose them in a crash.
      await writer.durable()
      if (changes.length === 0 && position === saved) return
      const encode = (value: string | null) => (value === null ? null : Buffer.from(value))
      const records = changes.map(([key, value]): NewRecord => ({ key, time, value: encode(value) }))
      records.push({ key: POSITION_KEY, time, value: Buffer.from(JSON.stringify({ partition, offset: position })) })
      await appendDurably(log, MEMORY_TOPIC, records)
      saved = position
      for (const [key, value] of changes) if (unsaved.get(key) === value) unsaved.delete(key)
    },
    get transitions() {
      return transitions
    },
    get waiting() {
      return writer.waiting
    },
  }
}
