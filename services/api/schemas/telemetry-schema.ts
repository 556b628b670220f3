/** Readings, rejections and the ledger as they go out; a telemetry message as docs describe it (decode judges it, not this). */

import { type Static, Type } from 'typebox'

import { CLOSED, Flags, Iso, listOf, PAGE_QUERY, RANGE_QUERY, ShownValue, Unit } from './answers.ts'

const Message = Type.Object(
  {
    ts: Type.Optional(Type.Union([Type.Number(), Type.String()])),
    boot: Type.Optional(Type.Union([Type.String(), Type.Number()])),
    seq: Type.Optional(Type.Integer()),
    values: Type.Optional(Type.Record(Type.String(), ShownValue)),
    status: Type.Optional(Type.Enum(['measuring', 'calibrating', 'fault'])),
  },
  { description: 'as the payload of keng/v1/{device}/telemetry' },
)
export const TelemetryBody = Type.Union([Message, Type.Array(Message, { maxItems: 1000 })])

export const MAX_POINTS = 100_000

export const ReadingsQuestion = Type.Object(
  {
    device: Type.String({ maxLength: 64 }),
    channel: Type.String({ minLength: 1, maxLength: 64 }),
    ...RANGE_QUERY,
    every: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,5}[smhd]$', description: 'bucket, as 5m, 1h or 1d' })),
    fn: Type.Optional(
      Type.Enum(['mean', 'min', 'max', 'last', 'count'], { description: 'mean unless said; needs every' }),
    ),
    flagged: Type.Optional(Type.Enum(['include'], { description: 'count untrusted readings in' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_POINTS, description: `${MAX_POINTS} unless said` })),
    cursor: PAGE_QUERY.cursor,
  },
  CLOSED,
)

const READINGS = {
  device: Type.String(),
  channel: Type.String(),
  unit: Unit,
  points: Type.Array(Type.Tuple([Iso, ShownValue, Flags]), { description: 'time, value, flags; in time order' }),
}
export const Readings = Type.Object({ ...READINGS, next: Type.Union([Type.String(), Type.Null()]) }, CLOSED)
export const LiveReadingData = Type.Object({ ...READINGS, receivedAt: Iso }, CLOSED)
export type LiveReadingData = Static<typeof LiveReadingData>

export const RejectionAnswer = Type.Object(
  {
    id: Type.String(),
    device: Type.String(),
    topic: Type.String(),
    code: Type.String(),
    message: Type.String(),
    receivedAt: Iso,
    payload: Type.String({ description: 'its first KiB' }),
    payloadEncoding: Type.Enum(['utf-8', 'base64']),
    payloadBytes: Type.Integer({ description: 'size of the whole payload' }),
  },
  CLOSED,
)
export type RejectionAnswer = Static<typeof RejectionAnswer>
export const RejectionList = listOf(RejectionAnswer)

export const RejectionsQuestion = Type.Object(
  {
    device: Type.Optional(Type.String({ maxLength: 64 })),
    code: Type.Optional(Type.String({ pattern: '^KENG_[A-Z0-9_]{1,60}$' })),
    ...RANGE_QUERY,
    ...PAGE_QUERY,
  },
  CLOSED,
)

export const LedgerQuestion = Type.Object(
  { device: Type.Optional(Type.String({ maxLength: 64 })), ...RANGE_QUERY },
  CLOSED,
)

const count = Type.Integer({ minimum: 0 })
export const Ledger = Type.Object(
  { received: count, stored: count, partial: count, duplicate: count, rejected: count, inFlight: count },
  { ...CLOSED, description: 'messages; received is the sum of the others' },
)
