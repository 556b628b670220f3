/** What the api asks of the pipeline behind the log, wherever that runs. */

import type { LedgerSum } from '../core/ledger.ts'
import type { FlagName } from '../core/reading.ts'
import type { Rejection } from '../core/rejection.ts'
import type { LedgerQuery, Point, ReadingsQuery, RejectionsQuery } from './reading-store.ts'

/** A channel's newest trusted reading. Times are epoch milliseconds. */
export interface LatestValue {
  readonly channel: string
  readonly value: number
  readonly ts: number
  readonly receivedAt: number
  readonly flags: readonly FlagName[]
}

export interface LatestQuery {
  readonly devices: readonly string[]
}

/** A reading as it goes to live streams: short, because there are many. */
export interface LiveReading extends LatestValue {
  readonly device: string
}

export interface PipelineState {
  /** Raw offset up to which readings are queryable, and the end of the log. */
  readonly committed: number
  readonly end: number
  /** Why the pipeline does not go on, or null. */
  readonly trouble: string | null
}

export interface Pipeline {
  readings(query: ReadingsQuery): Promise<readonly Point[]>
  latest(query: LatestQuery): Promise<ReadonlyMap<string, readonly LatestValue[]>>
  ledger(query: LedgerQuery): Promise<LedgerSum>
  rejections(query: RejectionsQuery): Promise<readonly Rejection[]>
  state(): Promise<PipelineState>
}

/** Readings as they are decoded, for live streams. Bounded by the subscriber: a listener must not block. */
export interface LiveReadings {
  /** Calls the listener with what is decoded from now on; the result stops it. Costs nothing while nobody listens. */
  subscribe(listener: (readings: readonly LiveReading[]) => void): () => void
}

/** A message that was refused, for the device that sent it: the body of its `…/rejected`. */
export interface RefusedNotice {
  readonly device: string
  readonly body: string
}

/** A pipeline with a life of its own, as the process that owns it sees it. */
export interface HostedPipeline extends Pipeline, LiveReadings {
  onRefused(listener: (notices: readonly RefusedNotice[]) => void): void
  /** An error after which going on would lie: the process must stop. */
  onFatal(listener: (error: Error) => void): void
  /** Commits what is decoded, then ends. */
  stop(): Promise<void>
}
