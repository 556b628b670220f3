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

const FIRST_WAIT_MS = 500
const MAX_WAIT_MS = 30_000
/** Bytes of a refused payload that go back to the device (contract.md, section 1). */
const PAYLOAD_SHOWN = 1024

export async function supervisePipeline(deps: SupervisedDeps): Promise<HostedPipeline> {
  const { log, clock, openStore, rules } = deps
  const devices = new Map(deps.devices.map((entry) => [entry.id, entry]))
  const listeners = new Set<(readings: readonly LiveReading[]) => void>()
  let onRefused: (notices: readonly RefusedNotice[]) => void = () => {}
  let onFatal: (error: Error) => void = () => {}
  let run: PipelineRun | null = null
  let store: (ReadingStore & Accounts) | null = null
  let trouble = 'not started'
  let waitMs = FIRST_WAIT_MS
  let stopping = false
  let cancelRestart: () => void = () => {}

  const decoded = (batch: DecodedBatch) => {
    waitMs = FIRST_WAIT_MS
    for (const { entry } of batch.records) {
      if (entry !== undefined) 'deleted' in entry ? devices.delete(entry.id) : devices.set(entry.id, entry)
    }
    if (listeners.size > 0) {
      const readings = batch.records.flatMap((record) => record.readings.map(toLive))
      if (readings.length > 0) for (const listener of listeners) listener(readings)
    }
    if (batch.rejections.length > 0) onRefused(batch.rejections.map(toNotice))
  }

  const begin = async () => {
    try {
      store = await openStore()
      const started = await startPipelineRun({
        log,
        store,
        clock,
        devices: [...devices.values()],
        rules,
        onDecoded: decoded,
        onFailed: again,
      })
      run = started
    } catch (error) {
      again(error)
    }
  }

  const again = (error: unknown) => {
    trouble = error instanceof Error ? error.message : String(error)
    const broken = { run, store }
    run = null
    store = null
    if (isKengError(error) && !isRetryable(error.code)) onFatal(error)
    else if (!stopping) {
      cancelRestart = clock.after(waitMs, () => {
        void end(broken).then(begin)
      })
      waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)
    }
  }

  const running = (): PipelineRun => {
    if (run === null) throw new KengError('KENG_STORE_UNAVAILABLE', trouble)
    return run
  }

  await begin()
  return {
    readings: async (query) => running().readings(query),
    latest: async (query) => running().latest(query),
    ledger: async (query) => running().ledger(query),
    rejections: async (query) => running().rejections(query),
    async state() {
      if (run !== null) return run.state()
      return { committed: 0, end: (await log.extent('keng.raw.v1', 0)).end, trouble }
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
    },
    async stop() {
      stopping = true
      cancelRestart()
      await end({ run, store })
    },
  }
}

async function end({ run, store }: { run: PipelineRun | null; store: ReadingStore | null }): Promise<void> {
  await run?.stop()
  await store?.close()
}

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
