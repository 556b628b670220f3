/** Parts that all answers are made of, and the errors that every route may give. */

import { type TSchema, Type } from 'typebox'

import { FLAG, type FlagName } from '../../../libs/core/reading.ts'

export const CLOSED = { additionalProperties: false }

export const Iso = Type.String({ description: 'ISO 8601 UTC', examples: ['2026-11-22T05:53:07.120Z'] })
export const IsoOrNull = Type.Union([Iso, Type.Null()])
export const Flags = Type.Array(Type.Enum(Object.keys(FLAG) as FlagName[]), {
  description: 'What is known against the reading',
})
/** A value as people read it: true and false where the channel's unit is `bool`. */
export const ShownValue = Type.Union([Type.Number(), Type.Boolean()])
export const Unit = Type.Union([Type.String(), Type.Null()], {
  description: 'UCUM code or `bool`; null where the channel is not known',
})

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'A code of docs/errors.md: branch on this' }),
    detail: Type.String(),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          { path: Type.String({ description: 'JSON pointer into the request' }), message: Type.String() },
          CLOSED,
        ),
      ),
    ),
  },
  { ...CLOSED, $id: 'Problem', description: 'RFC 9457 problem details' },
)

const asProblem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Type.Ref('Problem#') } },
})

const PROBLEMS = {
  400: asProblem('malformed'),
  401: asProblem('nobody is logged in'),
  403: asProblem('this login, Host or Origin may not'),
  404: asProblem('there is none'),
  409: asProblem('exists, or out of date'),
  413: asProblem('the body is too large'),
  415: asProblem('the content type is not understood'),
  422: asProblem('understood but wrong, with the path of each fault'),
  429: asProblem('too many attempts'),
  503: asProblem('not ready, or at a bound: try again'),
} as const

/** The answers of a route under /api/v1: what it gives, the problems that any may give, and its own. */
export const answers = <Answers extends Record<number, unknown>>(
  own: Answers,
  ...problems: readonly (keyof typeof PROBLEMS)[]
): Answers & Record<string, unknown> => ({
  ...own,
  ...Object.fromEntries(([401, 403, 429, ...problems] as const).map((status) => [status, PROBLEMS[status]])),
})

/** Open routes are refused too when the Host names another machine. */
export const WRONG_HOST = { 403: PROBLEMS[403] }

export const NOTHING = { description: 'Nothing to say', type: 'null' } as const

export const listOf = <Item extends TSchema>(item: Item) =>
  Type.Object(
    {
      items: Type.Array(item),
      next: Type.Union([Type.String(), Type.Null()], { description: 'cursor of the next page' }),
    },
    CLOSED,
  )

export const PAGE_QUERY = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: '100 unless said' })),
  cursor: Type.Optional(Type.String({ maxLength: 1000, description: '`next` of the page before' })),
}
export const DEFAULT_LIMIT = 100

const TIME = 'ISO 8601, a date (Asia/Ho_Chi_Minh) or epoch milliseconds'
export const RANGE_QUERY = {
  from: Type.Optional(Type.String({ maxLength: 40, description: `inclusive; ${TIME}` })),
  to: Type.Optional(Type.String({ maxLength: 40, description: `exclusive; ${TIME}` })),
}

export const ID_PARAMS = Type.Object({ id: Type.String() }, CLOSED)
