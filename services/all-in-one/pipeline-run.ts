/** One run of the pipeline behind the log: decode once, then store, alert and live stream from the same batch (decision 11). */

import type { AlertRule } from '../../libs/core/alarm/rule.ts'
import type { DecodedBatch } from '../../libs/core/decode/decoded.ts'
import { createDecoder, type Decoder } from '../../libs/core/decode/decoder.ts'
import { encodeEvent } from '../../libs/core/decode/encode-event.ts'
import type { DeviceEntry } from '../../libs/core/device.ts'
import { appendDurably } from '../../libs/core/log/append-durably.ts'
import { encodeRejection } from '../../libs/core/rejection.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import type { EventLog } from '../../libs/ports/event-log.ts'
import type { LatestValue, Pipeline } from '../../libs/ports/pipeline.ts'
import type { Accounts, ReadingStore } from '../../libs/ports/reading-store.ts'
import { createAlertService } from '../alert/alert-service.ts'
import { countInFlight } from '../decode/count-in-flight.ts'
import { createDecodeService } from '../decode/decode-service.ts'
import { createStoreService, type StoreServiceOptions } from '../store/store-service.ts'

export interface PipelineRunDeps {
  readonly log: EventLog
  readonly store: ReadingStore & Accounts
  readonly clock: Clock
  /** The registry as it is now; changes come through the raw log. */
  readonly devices: readonly DeviceEntry[]
  readonly rules: readonly AlertRule[]
  /** Told of each batch at once, before it is committed. Must not block. */
  readonly onDecoded: (batch: DecodedBatch) => void
  /** Told of each commit: everything before the offset is stored. */
  readonly onCommitted?: (offset: number) => void
  /** How commits gather; COMMIT unless given. */
  readonly commit?: StoreServiceOptions
  /** The run has ended and must be begun anew from what is committed. */
  readonly onFailed: (error: unknown) => void
}

export interface PipelineRun extends Pipeline {
  /** Commits what is decoded, then ends. May be called twice. */
  stop(): Promise<void>
}

/**
 * See StoreServiceOptions. A commit costs about 20 kB of journal and write-ahead log whatever is in it: at a commune's
 * pace one in ten seconds keeps a flash card alive, and whoever asks in between makes one more.
 */
const COMMIT = { lingerMs: 10_000, stillLingerMs: 60_000, commitReadings: 60_000, maxReadings: 200_000 }

/** Under a load that commits all the time the ledger answers with what it has; what is counted twice then is in flight. */
const LEDGER_TRIES = 8

export async function startPipelineRun(deps: PipelineRunDeps): Promise<PipelineRun> {
  const { log, store, clock, devices, rules, onDecoded, onFailed } = deps
  const { offset, memory } = await store.recover()
  const decoder = createDecoder({ devices, memory })
  const alert = createAlertService({ log }, { rules, devices })
  await alert.start()
  let committed = offset
  let trouble: string | null = null
  const fail = (error: unknown) => {
    if (trouble !== null) return
    trouble = error instanceof Error ? error.message : String(error)
    onFailed(error)
  }

  const storing = createStoreService(
    {
      store,
      clock,
      takeMemory: () => decoder.takeMemory(),
      before: async (upTo) => {
        await alert.flush(upTo)
      },
      onCommitted: (upTo) => {
        committed = upTo
        decode.commit(upTo)
        deps.onCommitted?.(upTo)
      },
      onFailed: fail,
    },
    deps.commit ?? COMMIT,
  )
  const decode = createDecodeService({
    log,
    decoder,
    find: (points) => storing.find(points),
    gate: storing,
    onDecoded: async (batch) => {
      alert.apply(batch.records)
      onDecoded(batch)
      await appendEvents(log, batch)
      await appendRejections(log, batch)
      await storing.add(batch)
    },
    onFailed: fail,
  })
  await decode.start(offset)

  return {
    async readings(query) {
      await storing.flush()
      return store.query(query)
    },
    latest: async ({ devices: ids }) => new Map(ids.map((id) => [id, latestOf(decoder, id)])),
    async ledger(query) {
      await storing.flush()
      // What is pending is read before what is stored: a commit in between would be counted twice, never left out; so again.
      for (let tries = 1; ; tries++) {
        await storing.settled()
        const before = committed
        const waiting = storing.pendingMessages(query) + (await countInFlight(log, decode.position, query.device))
        const counts = await store.ledger(query)
        if ((committed !== before || storing.isCommitting) && tries < LEDGER_TRIES) continue
        const inFlight = query.to === undefined ? waiting : storing.pendingMessages(query)
        return {
          ...counts,
          inFlight,
          received: counts.stored + counts.partial + counts.duplicate + counts.rejected + inFlight,
        }
      }
    },
    async rejections(query) {
      await storing.flush()
      return store.rejections(query)
    },
    state: async () => ({ committed, end: (await log.extent('keng.raw.v1', 0)).end, trouble }),
    async stop() {
      await decode.stop()
      if (trouble === null) await storing.flush()
      // The next run reads which transitions are written, so none of this one may come after it.
      else await alert.flush(decode.position).catch(() => {})
      storing.stop()
    },
  }
}

const latestOf = (decoder: Decoder, device: string): readonly LatestValue[] => decoder.latest(device)

/** The log is where events are kept: durable before the offset is; a restart may write some a second time, with the same identity. */
async function appendEvents(log: EventLog, { events, records }: DecodedBatch): Promise<void> {
  if (events.length === 0) return
  const time = records.at(-1)?.time ?? 0
  const values = events.map((event) => ({ key: event.device, time, value: encodeEvent(event) }))
  for (let from = 0; from < values.length; from += EVENTS_AT_ONCE) {
    await appendDurably(log, 'keng.events.v1', values.slice(from, from + EVENTS_AT_ONCE))
  }
}

/** An event is a few kilobytes at most. */
const EVENTS_AT_ONCE = 500

/**
 * Refused messages also go to their own topic, for whoever follows it; a restart may write some a second time, with the
 * same id. The next batch waits for it, so that a flood of nonsense is held up here and not in memory.
 */
async function appendRejections(log: EventLog, { rejections, records }: DecodedBatch): Promise<void> {
  if (rejections.length === 0) return
  const time = records.at(-1)?.time ?? 0
  const values = rejections.map((rejection) => ({ key: rejection.device, time, value: encodeRejection(rejection) }))
  for (let from = 0; from < values.length; from += REJECTIONS_AT_ONCE) {
    await appendDurably(log, 'keng.rejections.v1', values.slice(from, from + REJECTIONS_AT_ONCE))
  }
}

/** With payloads of up to 256 KiB in base64 this stays under what the log takes in one append. */
const REJECTIONS_AT_ONCE = 50
