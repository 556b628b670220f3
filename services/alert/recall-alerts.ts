/** What an alarm engine must know before it goes on: its own memory, and which of its decisions the log holds already. */

import type { AlertTransition, Decision } from '../../libs/core/alarm/alert.ts'
import { KengError } from '../../libs/core/errors.ts'
import type { EventLog, LogRecord } from '../../libs/ports/event-log.ts'

export const MEMORY_TOPIC = 'keng.rule-state.v1'
export const ALERTS_TOPIC = 'keng.alerts.v1'
export const POSITION_KEY = '!position'

/** Names one decision: an engine that reads the same records again takes it again, at the same place. */
export const decisionName = ({ alert, type, decidedAt: { offset, index } }: Decision): string =>
  `${alert} ${type} ${offset}.${index}`

export interface RecalledAlerts {
  readonly memory: ReadonlyMap<string, string>
  /** Offset of the first raw record that the memory does not know. */
  readonly position: number
  /** Names of the decisions in the log that were taken at or after the position. */
  readonly written: Set<string>
  /** Offset of the last of them; -1 for none. */
  readonly writtenUpTo: number
  /** Of `written`: alerts opened and not returned, by the name of the decision that opened them. */
  readonly open: Map<string, Decision>
  /** Newest log times of the two topics: what is appended must not be older. */
  readonly times: { memory: number; alerts: number }
}

const textOf = (value: Uint8Array): string => Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()

function parse(record: LogRecord & { readonly value: Uint8Array }): AlertTransition | null {
  try {
    return JSON.parse(textOf(record.value)) as AlertTransition
  } catch {
    return null // The api names it when it folds the alerts; the engine has only to know its own.
  }
}

export async function recallAlerts(log: EventLog, partition: number): Promise<RecalledAlerts> {
  const memory = new Map<string, string>()
  const times = { memory: 0, alerts: 0 }
  await log.read(MEMORY_TOPIC, ({ key, time, value }) => {
    times.memory = Math.max(times.memory, time)
    if (value === null) memory.delete(key)
    else memory.set(key, textOf(value))
  })
  const position = readPosition(memory.get(POSITION_KEY))
  memory.delete(POSITION_KEY)

  const written = new Set<string>()
  const open = new Map<string, Decision>()
  const openedAs = new Map<string, string>()
  let writtenUpTo = -1
  await log.read(ALERTS_TOPIC, (record) => {
    times.alerts = Math.max(times.alerts, record.time)
    if (record.value === null) return
    const transition = parse({ ...record, value: record.value })
    if (transition === null || !('decidedAt' in transition)) return
    if (transition.decidedAt.partition !== partition || transition.decidedAt.offset < position) return
    const name = decisionName(transition)
    written.add(name)
    writtenUpTo = Math.max(writtenUpTo, transition.decidedAt.offset)
    if (transition.type === 'opened') {
      open.set(name, transition)
      openedAs.set(transition.alert, name)
    } else if (transition.type === 'returned') open.delete(openedAs.get(transition.alert) ?? '')
  })
  return { memory, position, written, writtenUpTo, open, times }
}

function readPosition(text: string | undefined): number {
  if (text === undefined) return 0
  try {
    const { offset } = JSON.parse(text) as { offset?: unknown }
    if (typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0) return offset
  } catch {
    // The same answer as for a number that is none.
  }
  throw new KengError('KENG_ALERT_MEMORY', `${POSITION_KEY} holds ${text.slice(0, 100)}, and not an offset`)
}
