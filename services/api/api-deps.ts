/** What the api is given: the parts behind it, and how it is reached. */

import type { Clock } from '../../libs/ports/clock.ts'
import type { EventLog } from '../../libs/ports/event-log.ts'
import type { LiveReadings, Pipeline } from '../../libs/ports/pipeline.ts'
import type { DeviceCredentials, Registry } from '../../libs/ports/registry.ts'
import type { TelemetryIntake } from '../../libs/ports/telemetry-intake.ts'
import type { Logger } from '../../libs/runtime/logger.ts'
import type { Metrics } from '../../libs/runtime/metrics.ts'

export interface PartReadiness {
  readonly ready: boolean
  /** For people; no secrets, it is shown without a login. */
  readonly detail: string
}

/** `DataDir` fits. */
export interface ApiSecrets {
  /** The bearer token with every right, as it is now. */
  adminToken(): string
  /** Signs sessions. */
  readonly sessionKey: Buffer
}

export interface ApiDeps {
  readonly log: EventLog
  readonly registry: Registry
  readonly credentials: DeviceCredentials
  readonly pipeline: Pipeline
  readonly live: LiveReadings
  readonly intake: TelemetryIntake
  readonly clock: Clock
  readonly logger: Logger
  /** Where the api counts. */
  readonly meters: Metrics
  /** Prometheus text of the whole process, the api's own numbers with it. */
  readonly metrics: () => Promise<string>
  /** State of the parts behind the api, by name. */
  readonly readiness: () => Promise<Readonly<Record<string, PartReadiness>>>
  readonly secrets: ApiSecrets
  /** Folder of the built page; without it there is only the API. */
  readonly dashboardDir?: string
}

export interface ApiOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Shown in the OpenAPI document. */
  readonly version?: string
  readonly publicUrl?: string
  /** Language of the page for a reader who has not chosen one; Vietnamese unless given. */
  readonly language?: 'vi' | 'en'
  /** Where people may log in without HTTPS. */
  readonly plainHttp?: 'loopback' | 'allow'
  /** PEM texts; with them the server speaks HTTPS only. */
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly live?: Partial<LiveLimits>
}

export interface LiveLimits {
  readonly maxClients: number
  /** Readings, and alerts and devices, that are kept for clients who come back. */
  readonly readingsKept: number
  readonly changesKept: number
  /** Events that a client may be behind before it is cut. */
  readonly maxBehind: number
  /** Milliseconds that a client may take nothing before it is cut. */
  readonly stallMs: number
  readonly heartbeatMs: number
  /** Milliseconds that readings are still taken after the last client that wants them has gone. */
  readonly lingerMs: number
}

export const LIVE_LIMITS: LiveLimits = {
  maxClients: 100,
  readingsKept: 32_768,
  changesKept: 4096,
  maxBehind: 16_384,
  stallMs: 30_000,
  heartbeatMs: 15_000,
  lingerMs: 60_000,
}
