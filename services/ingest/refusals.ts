/** Counts and logs what devices may not do. Counters are exact; log lines are bounded, or one device could fill a disk. */

import type { ErrorCode } from '../../libs/core/errors.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import type { BrokerClient } from './aedes-client.ts'
import type { IngestCounters, RefusedReason } from './ingest-counters.ts'

export interface Refusals {
  /** `device` is undefined for who is not logged in. `what`: the topic, or what else was too much. */
  refuse(reason: RefusedReason, device: string | undefined, what: string): void
  /** A connection whose device is unknown, or whose token is wrong. */
  refuseLogin(device: string | undefined, address: string | undefined): void
  /** For Aedes' clientError and connectionError: counts what is the device's fault; the network's is not. */
  connectionEnded(client: BrokerClient, error: BrokenConnection): void
}

/** What Aedes and Node put on the errors that end a connection. */
export interface BrokenConnection extends Error {
  /** Of the system: ECONNRESET and the like. */
  readonly code?: string
  /** The return code of a CONNACK that refused. */
  readonly errorCode?: number
  /** The packet that came before CONNECT, or a second CONNECT (aedes/lib/handlers/index.js, finish). */
  readonly info?: { readonly cmd: string }
}

export interface RefusalsDeps {
  readonly counters: IngestCounters
  readonly clock: Clock
  readonly logger: { warn(fields: object, message: string): void }
}

/** So many lines at once, then one a second. */
const BURST = 20
const MS_PER_LINE = 1_000
const SHOWN_LENGTH = 256
const UNACCEPTABLE_VERSION = 1

export function createRefusals({ counters, clock, logger }: RefusalsDeps): Refusals {
  let lines = BURST
  let counted = clock.monotonic()
  let unlogged = 0

  const warn = (code: ErrorCode, fields: object, message: string) => {
    const now = clock.monotonic()
    lines = Math.min(BURST, lines + (now - counted) / MS_PER_LINE)
    counted = now
    if (lines < 1) {
      unlogged++
      return
    }
    lines--
    logger.warn({ code, ...fields, ...(unlogged === 0 ? {} : { unlogged }) }, message)
    unlogged = 0
  }

  return {
    refuse(reason, device, what) {
      counters.refused[reason]++
      warn('KENG_INGEST_REFUSED', { reason, device, what: what.slice(0, SHOWN_LENGTH) }, 'refused')
    },
    refuseLogin(device, address) {
      counters.refused.login++
      warn('KENG_INGEST_LOGIN', { device: device?.slice(0, 64), address }, 'login refused')
    },
    connectionEnded(client, error) {
      if (isProtocolError(client, error)) {
        counters.refused.protocol++
        const what = error.message.slice(0, SHOWN_LENGTH)
        warn('KENG_INGEST_PROTOCOL', { device: client.keng?.device, what }, 'connection cut')
      } else if (client._connectTimer && error.code === undefined && error.errorCode === undefined) {
        counters.refused.timeout++
      }
    },
  }
}

const isProtocolError = (client: BrokerClient, error: BrokenConnection): boolean =>
  client._parser.error === error || error.info !== undefined || error.errorCode === UNACCEPTABLE_VERSION
