/** All alerts as they are now: `keng.alerts.v1` folded from its beginning, and the way people's actions get into it. */

import type { Alert, AlertTransition, OperatorAction } from '../../libs/core/alarm/alert.ts'
import { foldAlert } from '../../libs/core/alarm/fold-alert.ts'
import { KengError } from '../../libs/core/errors.ts'
import { appendDurably } from '../../libs/core/log/append-durably.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import type { EventLog, LogRecord, RecordBatch, Subscription } from '../../libs/ports/event-log.ts'
import type { Logger } from '../../libs/runtime/logger.ts'
import { type AlertFilter, type AlertPage, type AlertPlace, createAlertIndex } from './alert-index.ts'
import type { PartReadiness } from './api-deps.ts'

export interface AlertBookDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly logger: Logger
  readonly areaOf: (device: string) => string | null
}

export interface AlertBook {
  /** Resolves when everything that was in the log is folded. Call once. */
  start(): Promise<void>
  stop(): Promise<void>
  get(id: string): Alert | undefined
  list(filter: AlertFilter, limit: number, after?: AlertPlace): AlertPage
  /**
   * Writes what a person did, and resolves with the alert once the action is durable and folded.
   * Rejects with KENG_ALERT_UNKNOWN, KENG_ALERT_STATE, KENG_ALERT_HISTORY_FULL or the log's own errors.
   */
  act(id: string, type: OperatorAction['type'], by: string, comment: string | undefined): Promise<Alert>
  /** Calls back for each change after the start, at once; the result stops it. */
  onChange(listener: (alert: Alert) => void): () => void
  readiness(): PartReadiness
  size(): number
}

const TOPIC = 'keng.alerts.v1'
const GROUP = 'api-alerts'
const AGAIN_MS = 5000
/** Bounds the memory that one alert can take: people can comment as long as they like. */
const MAX_HISTORY = 1000

export function createAlertBook({ log, clock, logger, areaOf }: AlertBookDeps): AlertBook {
  const index = createAlertIndex()
  const listeners = new Set<(alert: Alert) => void>()
  const folded = new Map<number, number>()
  /** Actions that wait for their own record, by its text. */
  const waiting = new Map<string, { resolve(): void; reject(error: Error): void }>()
  const busy = new Map<string, Promise<unknown>>()
  let subscription: Subscription | null = null
  let cancelAgain: (() => void) | null = null
  let trouble: string | null = 'the alerts have not been read yet'
  let lastTime = 0
  let live = false
  let stopped = false

  const fold = (record: LogRecord): void => {
    lastTime = Math.max(lastTime, record.time)
    if (record.value === null) return
    const text = Buffer.from(record.value.buffer, record.value.byteOffset, record.value.byteLength).toString()
    const transition = parse(text, record)
    if (transition === null) return
    const before = index.get(transition.alert)
    const area =
      before === undefined && transition.type === 'opened' ? areaOf(transition.device) : (before?.area ?? null)
    const alert = foldAlert(before, transition, area)
    if (alert !== undefined && alert !== before) {
      index.put(alert)
      if (live) for (const listener of listeners) listener(alert)
    }
    waiting.get(text)?.resolve()
  }

  const parse = (text: string, { partition, offset }: LogRecord): AlertTransition | null => {
    try {
      return JSON.parse(text) as AlertTransition
    } catch (error) {
      logger.error(
        { error, topic: TOPIC, partition, offset },
        'a record of an alert cannot be read and is stepped over',
      )
      return null
    }
  }

  const take = (record: LogRecord): void => {
    if (record.offset < (folded.get(record.partition) ?? 0)) return
    fold(record)
    folded.set(record.partition, record.offset + 1)
  }

  const onBatch = (batch: RecordBatch): Promise<void> => {
    for (const record of batch.records) take(record)
    subscription?.commit(batch.partition, folded.get(batch.partition) ?? 0)
    return Promise.resolve()
  }

  const subscribe = async (): Promise<void> => {
    const from = (partition: number): number => folded.get(partition) ?? 0
    subscription = await log.subscribe(TOPIC, { group: GROUP, from }, onBatch, (error) => {
      trouble = `the alerts cannot be read: ${error.message}`
      giveUpWaiting(trouble)
      logger.error({ error }, 'the alerts cannot be read; trying again')
      subscribeAgain()
    })
    trouble = null
  }

  const giveUpWaiting = (why: string): void => {
    const error = new KengError(
      'KENG_HTTP_NOT_READY',
      `the action is written, and shows when alerts are read again; ${why}`,
    )
    for (const { reject } of waiting.values()) reject(error)
  }

  const subscribeAgain = (): void => {
    if (stopped) return
    cancelAgain = clock.after(AGAIN_MS, () => {
      subscription
        ?.close()
        .then(subscribe)
        .catch(() => subscribeAgain())
    })
  }

  const requireFree = (id: string, type: OperatorAction['type']): Alert => {
    const alert = index.get(id)
    if (alert === undefined) throw new KengError('KENG_ALERT_UNKNOWN', JSON.stringify(id.slice(0, 200)))
    if (alert.acknowledged !== null && type === 'acknowledged') {
      const { by, at } = alert.acknowledged
      throw new KengError('KENG_ALERT_STATE', `acknowledged by ${by} at ${new Date(at).toISOString()}`)
    }
    if (alert.closedAt !== null && type !== 'commented') {
      throw new KengError('KENG_ALERT_STATE', `closed at ${new Date(alert.closedAt).toISOString()}`)
    }
    if (alert.history.length >= MAX_HISTORY && type !== 'closed') {
      throw new KengError('KENG_ALERT_HISTORY_FULL', `${alert.history.length} entries, at most ${MAX_HISTORY}`)
    }
    return alert
  }

  const write = async (id: string, type: OperatorAction['type'], by: string, comment?: string): Promise<Alert> => {
    const { cell } = requireFree(id, type)
    if (trouble !== null) throw new KengError('KENG_HTTP_NOT_READY', trouble)
    const action: OperatorAction = { type, alert: id, at: clock.now(), by, ...(comment !== undefined && { comment }) }
    const text = JSON.stringify(action)
    const seen = new Promise<void>((resolve, reject) => waiting.set(text, { resolve, reject }))
    try {
      // Log time never goes back, and the wall clock may.
      const record = { key: cell, time: Math.max(action.at, lastTime), value: Buffer.from(text) }
      await Promise.all([appendDurably(log, TOPIC, [record]), seen])
    } finally {
      waiting.delete(text)
    }
    const alert = index.get(id)
    if (alert === undefined) throw new KengError('KENG_ALERT_UNKNOWN', id)
    return alert
  }

  return {
    get: index.get,
    list: index.list,
    async start() {
      await log.read(TOPIC, take)
      await subscribe()
      live = true
    },
    async stop() {
      stopped = true
      cancelAgain?.()
      giveUpWaiting('the server is stopping')
      await subscription?.close()
    },
    act(id, type, by, comment) {
      // One after the other for one alert: the second of two people who press at once is told who was first.
      const turn = (busy.get(id) ?? Promise.resolve()).then(() => write(id, type, by, comment))
      const settled: Promise<unknown> = turn
        .catch(() => undefined)
        .then(() => {
          if (busy.get(id) === settled) busy.delete(id)
        })
      busy.set(id, settled)
      return turn
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    readiness: () => ({ ready: trouble === null, detail: trouble ?? `${index.size()} alerts` }),
    size: index.size,
  }
}
