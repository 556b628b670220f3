/** Alerts as in ISA-18.2: what the engine says, what people do, and the picture that both add up to. */

import type { FlagName } from '../reading.ts'

export type Severity = 'low' | 'medium' | 'high' | 'critical'
export type AlertState = 'active' | 'returned' | 'closed'

/** A text in both languages of the page. Vietnamese is NFC. */
export interface Text {
  readonly vi: string
  readonly en: string
}

/** A reading that opened or ended an alert. Times are epoch milliseconds. */
export interface Evidence {
  readonly device: string
  readonly channel: string
  readonly ts: number
  readonly value: number
  readonly receivedAt: number
  readonly flags: readonly FlagName[]
}

/** Where in the raw partition the engine was when it decided; `index` counts the decisions at one record. */
export interface DecidedAt {
  readonly partition: number
  readonly offset: number
  readonly index: number
}

interface EngineTransition {
  readonly alert: string
  /** The ordering unit of its device when the alert opened: the key of the record in `keng.alerts.v1`. */
  readonly cell: string
  /** When it happened, epoch milliseconds: the reading's event time, or the time a timer was due. */
  readonly at: number
  readonly decidedAt: DecidedAt
}

/** The facts of a new alert; they do not change afterwards. */
export interface Opened extends EngineTransition {
  readonly type: 'opened'
  readonly rule: string
  /** What the rule holds for: `device` or `device/channel`. */
  readonly subject: string
  readonly device: string
  readonly severity: Severity
  readonly simulated: boolean
  /** Opened by data that arrived late: listed, never paged. */
  readonly retrospective: boolean
  readonly message: Text
  readonly evidence: readonly Evidence[]
}
/** Why an alert ended although no reading ended it. */
export type EndedBy = 'device-removed' | 'device-changed' | 'rule-changed'

export interface Returned extends EngineTransition {
  readonly type: 'returned'
  /** Absent where a reading, or being heard again, ended it. */
  readonly endedBy?: EndedBy
  readonly evidence: readonly Evidence[]
}
/** Its sensor fell silent while the alert was active; `fresh` when it speaks again. */
export interface Stale extends EngineTransition {
  readonly type: 'stale' | 'fresh'
}

/** What a person did, through the API. */
export interface OperatorAction {
  readonly type: 'acknowledged' | 'commented' | 'closed'
  readonly alert: string
  readonly at: number
  readonly by: string
  readonly comment?: string
}

/** What the engine decides. */
export type Decision = Opened | Returned | Stale

/** One record of `keng.alerts.v1`. */
export type AlertTransition = Decision | OperatorAction

/** An alert as the API shows it (contract.md, section 3), with epoch milliseconds where the API has ISO 8601. */
export interface Alert {
  readonly id: string
  readonly rule: string
  readonly subject: string
  readonly device: string
  readonly area: string | null
  readonly cell: string
  readonly severity: Severity
  readonly state: AlertState
  readonly acknowledged: { readonly by: string; readonly at: number } | null
  readonly hidden: {
    readonly kind: 'shelved' | 'suppressed' | 'out-of-service'
    readonly until: number | null
    readonly by: string
    readonly why: string
  } | null
  readonly stale: boolean
  readonly retrospective: boolean
  readonly simulated: boolean
  readonly openedAt: number
  readonly returnedAt: number | null
  readonly closedAt: number | null
  readonly message: Text
  readonly evidence: readonly Evidence[]
  readonly history: readonly AlertTransition[]
}
