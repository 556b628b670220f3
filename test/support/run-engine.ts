/** Runs records through the alarm engine, with restarts wherever a test wants them. */

import type { Decision } from '../../libs/core/alarm/alert.ts'
import { createAlarmEngine } from '../../libs/core/alarm/engine.ts'
import type { AlertRule } from '../../libs/core/alarm/rule.ts'
import type { DecodedRecord } from '../../libs/core/decode/decoded.ts'
import type { DeviceEntry } from '../../libs/core/device.ts'

export interface EngineRun {
  readonly rules: readonly AlertRule[]
  readonly devices?: readonly DeviceEntry[]
  /** Indices of records before which the engine is dropped and built again from its memory. */
  readonly restarts?: ReadonlySet<number>
  /** The rules after the first restart, where they differ. */
  readonly rulesAfter?: readonly AlertRule[]
}

/** All decisions, and the memory that was left. */
export function runEngine(records: readonly DecodedRecord[], run: EngineRun) {
  const { devices = [], restarts = new Set<number>() } = run
  const memory = new Map<string, string>()
  const decisions: Decision[] = []
  let rules = run.rules
  let engine = createAlarmEngine({ rules, devices })
  const remember = () => {
    for (const [key, value] of engine.takeMemory()) {
      if (value === null) memory.delete(key)
      else memory.set(key, value)
    }
  }
  for (const [index, record] of records.entries()) {
    if (restarts.has(index)) {
      remember()
      rules = run.rulesAfter ?? rules
      // Through text, as the log keeps it.
      const kept = new Map(JSON.parse(JSON.stringify([...memory])) as [string, string][])
      engine = createAlarmEngine({ rules, devices, memory: kept })
    }
    engine.step(record)
    decisions.push(...engine.take())
  }
  remember()
  return { decisions, memory }
}
