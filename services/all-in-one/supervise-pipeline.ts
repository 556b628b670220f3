/** Keeps the pipeline running: after an error everything of the run is dropped and begun anew from the last commit. */

import type { AlertRule } from '../../libs/core/alarm/rule.ts'
import type { DecodedBatch } from '../../libs/core/decode/decoded.ts'
import type { DeviceEntry } from '../../libs/core/device.ts'
import { isKengError, isRetryable, KengError } from '../../libs/core/errors.ts'
import { flagNames } from '../../libs/core/reading.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import type { EventLog } from '../../libs/ports/event-log.ts'
import type { HostedPipeline, LiveReading, RefusedNotice } from '../../libs/ports/pipeline.ts'
import type { Accounts, ReadingStore } from '../../libs/ports/reading-store.ts'
import { type PipelineRun, startPipelineRun } from './pipeline-run.ts'

export interface SupervisedDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly openStore: () => Promise<ReadingStore & Accounts>
  readonly devices: readonly DeviceEntry[]
  readonly rules: readonly AlertRule[]
}

/** One run with the store it has for itself, from its beginning to its error. */
interface Attempt {
  run: PipelineRun | null
  store: (ReadingStore & Accounts) | null
  error: Error | null
}

const NOT_STARTED = 'the pipeline has not started'
const FIRST_WAIT_MS = 500
const MAX_WAIT_MS = 30_000
/** Bytes of a refused payload that go back to the device (contract.md, section 1). */
const PAYLOAD_SHOWN = 1024

export async function supervisePipeline(deps: SupervisedDeps): Promise<HostedPipeline> {
  const { log, clock, openStore, rules } = deps
  const devices = new Map(deps.devices.map((entry) => [entry.id, entry]))
  const listeners = new Set<(readings: readonly LiveReading[]) => void>()
  let onRefused: (notices: readonly RefusedNotice[]) => void = () => {}
  let onFatal: ((error: Error) => void) | null = null
  let fatal: Error | null = null
  let current: Attempt | null = null
  let broken: Attempt | null = null
  /** What ended the last run; null again once something was committed after it. */
  let trouble: string | null = null
  let committed = 0
  let waitMs = FIRST_WAIT_MS
  let stopping = false
  let beginning: Promise<void> = Promise.resolve()
  let cancelRestart: () => void = () => {}

  const decoded = (batch: DecodedBatch) => {
    for (const { entry } of batch.records) {
      if (entry !== undefined) 'deleted' in entry ? devices.delete(entry.id) : devices.set(entry.id, entry)
    }
    if (listeners.size > 0) {
      const readings = batch.records.flatMap((record) => record.readings.map(toLive))
      if (readings.length > 0) for (const listener of listeners) listener(readings)
    }
    if (batch.rejections.length > 0) onRefused(batch.rejections.map(toNotice))
  }

  // Not when something was decoded: a full disk lets every run get as far as that, and none any further.
  const onCommitted = (offset: number) => {
    committed = offset
    trouble = null
    waitMs = FIRST_WAIT_MS
  }

  const begin = async () => {
    const attempt: Attempt = { run: null, store: null, error: null }
    let started = false
    const onFailed = (error: unknown) => {
      attempt.error ??= toError(error)
      if (started) again(attempt)
    }
    try {
      attempt.store = await openStore()
      const { store } = attempt
      const all = [...devices.values()]
      const deps = { log, store, clock, devices: all, rules, onDecoded: decoded, onCommitted, onFailed }
      attempt.run = await startPipelineRun(deps)
      committed = (await attempt.run.state()).committed
    } catch (error) {
      attempt.error ??= toError(error)
    }
    started = true
    if (attempt.error === null) current = attempt
    else again(attempt)
  }

  const again = (attempt: Attempt) => {
    const { error } = attempt
    current = null
    broken = attempt
    trouble = error?.message ?? null
    if (isKengError(error) && !isRetryable(error.code)) {
      fatal = error
      onFatal?.(error)
    } else if (!stopping) {
      cancelRestart = clock.after(waitMs, () => {
        broken = null
        beginning = end(attempt).then(begin)
      })
      waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)
    }
  }

  const running = (): PipelineRun => {
    if (current === null || current.run === null) throw new KengError('KENG_STORE_UNAVAILABLE', trouble ?? NOT_STARTED)
    return current.run
  }

  await begin()
  return {
    readings: async (query) => running().readings(query),
    latest: async (query) => running().latest(query),
    ledger: async (query) => running().ledger(query),
    rejections: async (query) => running().rejections(query),
    async state() {
      const state = await current?.run?.state()
      if (state === undefined)
        return { committed, end: (await log.extent('keng.raw.v1', 0)).end, trouble: trouble ?? NOT_STARTED }
      // A run that was begun anew has proven nothing before its first commit.
      return { ...state, trouble: state.trouble ?? (state.committed < state.end ? trouble : null) }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onRefused(listener) {
      onRefused = listener
    },
    onFatal(listener) {
      onFatal = listener
      if (fatal !== null) listener(fatal)
    },
    async stop() {
      stopping = true
      cancelRestart()
      await beginning
      for (const attempt of [current, broken]) if (attempt !== null) await end(attempt)
    },
  }
}

async function end({ run, store }: Attempt): Promise<void> {
  await run?.stop()
  await store?.close()
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

const toLive = (reading: DecodedBatch['records'][number]['readings'][number]): LiveReading => ({
  device: reading.device,
  channel: reading.channel,
  ts: reading.ts,
  value: reading.value,
  receivedAt: reading.receivedAt,
  flags: flagNames(reading.flags),
})

const toNotice = ({
  device,
  code,
  message,
  receivedAt,
  payload,
}: DecodedBatch['rejections'][number]): RefusedNotice => ({
  device,
  body: JSON.stringify({
    code,
    message,
    receivedAt: new Date(receivedAt).toISOString(),
    payload: Buffer.from(payload.subarray(0, PAYLOAD_SHOWN)).toString('utf8'),
  }),
})
