/** What a rule says: the shape of a rules file (docs/rules.md explains each field). */

import { type Static, Type } from 'typebox'

import { DEVICE_ID_PATTERN } from '../device.ts'

const closed = { additionalProperties: false }
const text = Type.String({ minLength: 1, maxLength: 500 })

const Texts = Type.Object({ vi: text, en: text }, closed)

/** Where a limit comes from. A limit that nobody has read in the document in force is `confirmed: false`, and is never shown as law. */
export const RuleSource = Type.Object(
  {
    document: text,
    clause: Type.Optional(text),
    /** Of the document: year, month or day. */
    date: Type.Optional(Type.String({ pattern: '^\\d{4}(-\\d{2}(-\\d{2})?)?$' })),
    confirmed: Type.Boolean(),
    note: Type.Optional(Texts),
  },
  closed,
)

/** Which devices a rule holds for: those that match every list given. Absent: all that have the channel. */
export const RuleSelect = Type.Object(
  {
    devices: Type.Optional(Type.Array(Type.String({ pattern: DEVICE_ID_PATTERN }), { minItems: 1 })),
    profiles: Type.Optional(Type.Array(text, { minItems: 1 })),
    cells: Type.Optional(Type.Array(text, { minItems: 1 })),
  },
  closed,
)

const everyRule = {
  /** Part of every alert's id: a rule that gets another id is another rule. */
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{0,63}$' }),
  severity: Type.Union([Type.Literal('low'), Type.Literal('medium'), Type.Literal('high'), Type.Literal('critical')]),
  message: Texts,
  select: Type.Optional(RuleSelect),
}

const SECONDS_PER_WEEK = 604_800

export const ThresholdRule = Type.Object(
  {
    kind: Type.Literal('threshold'),
    ...everyRule,
    channel: text,
    /** The limit, in the channel's unit: the alarm condition holds strictly above, or strictly below it. Exactly one of the two. */
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
    /** How far inside the limit a value must be to return to normal, in the channel's unit. */
    deadband: Type.Optional(Type.Number({ minimum: 0, default: 0 })),
    /** How long the condition must hold before the alert opens. */
    onDelaySeconds: Type.Optional(Type.Number({ minimum: 0, maximum: SECONDS_PER_WEEK, default: 0 })),
    /** Readings with these quality flags are passed over by this rule. */
    ignore: Type.Optional(Type.Array(Type.Union([Type.Literal('spike'), Type.Literal('stuck')]))),
    source: RuleSource,
  },
  closed,
)

export const NoDataRule = Type.Object(
  {
    kind: Type.Literal('no-data'),
    ...everyRule,
    /** Silence in expected intervals of the device; 3 unless `afterSeconds` is given. */
    afterIntervals: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 3 })),
    /** Silence in seconds, also for devices without an expected interval. */
    afterSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: SECONDS_PER_WEEK })),
    source: Type.Optional(RuleSource),
  },
  closed,
)

export type RuleSelect = Static<typeof RuleSelect>
export type ThresholdRule = Static<typeof ThresholdRule>
export type NoDataRule = Static<typeof NoDataRule>
export type AlertRule = ThresholdRule | NoDataRule

export const DEFAULT_AFTER_INTERVALS = 3

/** What a message's text may hold in braces, by kind of rule. */
export const PLACEHOLDERS: Readonly<Record<AlertRule['kind'], readonly string[]>> = {
  threshold: ['value', 'limit', 'unit', 'device', 'channel'],
  'no-data': ['device', 'minutes'],
}
