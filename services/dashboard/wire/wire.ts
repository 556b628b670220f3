/** The JSON of the API as the page reads it (contract.md, section 3, and docs/http.md): the core's types with ISO 8601 times. */

import type { Alert, Evidence } from '../../../libs/core/alarm/alert.ts'
import type { DeviceEntry } from '../../../libs/core/device.ts'
import type { LedgerSum } from '../../../libs/core/ledger.ts'
import type { FlagName } from '../../../libs/core/reading.ts'

/** ISO 8601 UTC, or another time that `Date.parse` reads. */
export type Iso = string

/** Channels whose unit is `bool` carry booleans; a bucket of unusable readings only carries null. */
export type WireNumber = number | boolean | null

export interface WireValue {
  readonly value: WireNumber
  readonly unit: string | null
  readonly ts: Iso
  readonly receivedAt: Iso
  readonly flags: readonly FlagName[]
}

export interface WireDevice extends DeviceEntry {
  readonly latest: Readonly<Record<string, WireValue>>
  readonly health: { readonly state: 'reporting' | 'silent' | 'unknown'; readonly lastReceivedAt: Iso | null }
}

export interface WireDeletion {
  readonly id: string
  readonly deleted: true
}

export type WirePoint = readonly [ts: Iso, value: WireNumber, flags: readonly FlagName[]]

export interface WireReadings {
  readonly device: string
  readonly channel: string
  readonly unit: string | null
  readonly points: readonly WirePoint[]
  readonly next: string | null
}

/** One arrival on the live stream. */
export interface WireArrival extends Omit<WireReadings, 'next'> {
  readonly receivedAt: Iso
}

type IsoTimes<T, Names extends keyof T> = Omit<T, Names> & {
  readonly [N in Names]: Extract<T[N], null> extends never ? Iso : Iso | null
}

export type WireEvidence = IsoTimes<Evidence, 'ts' | 'receivedAt'> & { readonly unit: string | null }

export interface WireAlert
  extends Omit<
    IsoTimes<Alert, 'openedAt' | 'returnedAt' | 'closedAt'>,
    'acknowledged' | 'hidden' | 'evidence' | 'history'
  > {
  readonly acknowledged: { readonly by: string; readonly at: Iso } | null
  readonly hidden: (Omit<NonNullable<Alert['hidden']>, 'until'> & { readonly until: Iso | null }) | null
  readonly evidence: readonly WireEvidence[]
  readonly history: readonly {
    readonly type: string
    readonly at: Iso
    readonly by: string | null
    readonly comment: string | null
  }[]
}

export interface WireRejection {
  readonly id: string
  readonly device: string
  readonly topic: string
  readonly code: string
  readonly message: string
  readonly receivedAt: Iso
  readonly payload: string
  readonly payloadEncoding: 'utf-8' | 'base64'
  readonly payloadBytes: number
}

export type WireLedger = LedgerSum

export interface WireSession {
  readonly name: string
  readonly role: string
  readonly expiresAt: Iso
}

export interface WireList<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** RFC 9457, with a code out of the error table. */
export interface WireProblem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail?: string
}
