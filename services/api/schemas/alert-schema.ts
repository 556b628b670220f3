/** Alerts as the contract shows them (contract.md, section 3). */

import { type Static, Type } from 'typebox'

import { CLOSED, Flags, Iso, IsoOrNull, listOf, PAGE_QUERY, RANGE_QUERY, ShownValue, Unit } from './answers.ts'

const nullOr = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Union([Type.Object(properties, CLOSED), Type.Null()])

const Evidence = Type.Object(
  {
    device: Type.String(),
    channel: Type.String(),
    unit: Unit,
    ts: Iso,
    value: ShownValue,
    receivedAt: Iso,
    flags: Flags,
  },
  CLOSED,
)

const HistoryEntry = Type.Object(
  {
    type: Type.Enum(['opened', 'returned', 'stale', 'fresh', 'acknowledged', 'commented', 'closed']),
    at: Iso,
    by: Type.Union([Type.String(), Type.Null()], { description: 'null: the alarm engine' }),
    comment: Type.Union([Type.String(), Type.Null()]),
    endedBy: Type.Union([Type.Enum(['device-removed', 'device-changed', 'rule-changed']), Type.Null()], {
      description: 'why it returned although no reading ended it',
    }),
  },
  CLOSED,
)

export const AlertAnswer = Type.Object(
  {
    id: Type.String(),
    rule: Type.String(),
    subject: Type.String(),
    device: Type.String(),
    area: Type.Union([Type.String(), Type.Null()]),
    cell: Type.String(),
    severity: Type.Enum(['low', 'medium', 'high', 'critical']),
    state: Type.Enum(['active', 'returned', 'closed']),
    acknowledged: nullOr({ by: Type.String(), at: Iso }),
    hidden: nullOr({
      kind: Type.Enum(['shelved', 'suppressed', 'out-of-service']),
      until: IsoOrNull,
      by: Type.String(),
      why: Type.String(),
    }),
    stale: Type.Boolean(),
    retrospective: Type.Boolean(),
    simulated: Type.Boolean(),
    openedAt: Iso,
    returnedAt: IsoOrNull,
    closedAt: IsoOrNull,
    message: Type.Object({ vi: Type.String(), en: Type.String() }, CLOSED),
    evidence: Type.Array(Evidence),
    history: Type.Array(HistoryEntry),
  },
  CLOSED,
)
export type AlertAnswer = Static<typeof AlertAnswer>

export const AlertList = listOf(AlertAnswer)

const STATE = '(active|returned|closed)'

export const AlertsQuery = Type.Object(
  {
    state: Type.Optional(
      Type.String({
        pattern: `^${STATE}(,${STATE})*$`,
        description: 'active, returned, closed, or several with commas',
      }),
    ),
    area: Type.Optional(Type.String({ maxLength: 100 })),
    rule: Type.Optional(Type.String({ maxLength: 200 })),
    device: Type.Optional(Type.String({ maxLength: 64 })),
    ...RANGE_QUERY,
    ...PAGE_QUERY,
  },
  CLOSED,
)

const comment = Type.String({ minLength: 1, maxLength: 2000 })
export const OptionalComment = Type.Object({ comment: Type.Optional(comment) }, CLOSED)
export const NeededComment = Type.Object({ comment }, CLOSED)
