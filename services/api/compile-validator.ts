/** Checks what came in against a route's schema and names every fault, up to a bound. */

import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

import { type Fault, InvalidRequest } from './invalid-request.ts'

const MAX_FAULTS = 20
const PARTS: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'params',
  headers: 'headers',
}

type Validate = (value: unknown) => { value: unknown } | { error: InvalidRequest }

export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }): Validate => {
  const part = PARTS[httpPart ?? ''] ?? 'body'
  const choices = alternatives(schema).map((choice) => Compile(choice))
  return (value) => {
    const validator = choices.find((choice) => isArrayType(choice.Type()) === Array.isArray(value)) ?? choices[0]
    if (validator === undefined) return { value }
    // A query is text only: `limit=10` becomes a number. A body has types of its own and keeps them.
    const typed = part === 'query' ? validator.Convert(value) : value
    if (validator.Check(typed)) return { value: typed }
    return { error: new InvalidRequest(faultsOf(part, validator.Errors(typed))) }
  }
}

/** One object or an array of them: the faults of the form that was meant, not of both. */
function alternatives(schema: TSchema): readonly TSchema[] {
  const anyOf = (schema as { anyOf?: readonly TSchema[] }).anyOf
  return anyOf?.some(isArrayType) ? anyOf : [schema]
}

const isArrayType = (schema: TSchema): boolean => (schema as { type?: unknown }).type === 'array'

interface SchemaError {
  readonly keyword: string
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

function faultsOf(part: string, errors: readonly SchemaError[]): Fault[] {
  const faults: Fault[] = []
  for (const { keyword, instancePath, params, message } of errors) {
    const path = `/${part}${instancePath}`
    if (keyword === 'boolean') faults.push({ path, message: 'is not known' })
    else if (keyword === 'required') faults.push(...missing(path, params))
    else if (keyword !== 'additionalProperties') faults.push({ path, message })
    if (faults.length >= MAX_FAULTS) break
  }
  return faults.length > 0 ? faults : [{ path: `/${part}`, message: 'does not fit the schema' }]
}

const missing = (path: string, params: object): Fault[] =>
  ((params as { requiredProperties?: string[] }).requiredProperties ?? []).map((name) => ({
    path: `${path}/${name}`,
    message: 'is required',
  }))
