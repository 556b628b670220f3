/** Reads settings out of environment variables by a schema, and reports all that is wrong with them at once. */

import { readFileSync } from 'node:fs'

import { KengError } from '../core/errors.ts'
import { nearestWord } from './nearest-word.ts'

/** The part of JSON Schema that settings use. `unit` is for people; a `secret` may come from a file and is never shown. */
export interface SettingSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly patternMeans?: string
  readonly description?: string
  readonly unit?: string
  readonly secret?: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

/** `httpPort` → `KENG_HTTP_PORT`. */
export const variableOf = (key: string): string =>
  `KENG_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`

/** What a person may write, in words: for messages and for docs/config.md. */
export function allowedText(schema: SettingSchema): string {
  if (schema.enum) return schema.enum.join(' or ')
  if (schema.type === 'integer') {
    const unit = schema.unit === undefined ? '' : ` ${schema.unit}`
    return schema.maximum === undefined
      ? `a whole number from ${schema.minimum ?? 0}${unit}`
      : `a whole number from ${schema.minimum ?? 0} to ${schema.maximum}${unit}`
  }
  return schema.patternMeans ?? 'a text'
}

// Kubernetes sets these in every pod beside a Service named keng; they are not ours.
const SERVICE_LINK = /^KENG_(SERVICE_(HOST|PORT)|PORT)(_|$)/

export interface ReadOptions<Settings> {
  readonly defaults?: Partial<Settings>
  /** Problems that span settings; asked only where each by itself is right. */
  readonly check?: (settings: Settings) => readonly string[]
}

/**
 * The settings found in `env`, with defaults for what is absent. An empty variable counts as absent, as compose files write them.
 * Throws one KENG_CONFIG_INVALID that names each variable, its value and what is allowed.
 */
export function readSettings<Settings extends object>(
  properties: Readonly<Record<string, SettingSchema>>,
  env: Environment,
  { defaults = {}, check }: ReadOptions<Settings> = {},
): Settings {
  const problems: string[] = []
  const settings: Record<string, unknown> = {}
  const known = new Set<string>()
  for (const [key, schema] of Object.entries(properties)) {
    const variable = variableOf(key)
    known.add(variable)
    if (schema.secret) known.add(`${variable}_FILE`)
    const text = textOf(variable, schema, env, problems)
    const value =
      text === undefined ? (defaults[key as keyof Settings] ?? schema.default) : parse(variable, text, schema, problems)
    if (value !== undefined) settings[key] = value
  }
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith('KENG_') || known.has(variable) || SERVICE_LINK.test(variable)) continue
    const nearest = nearestWord(variable, known)
    problems.push(`${variable} is not a setting${nearest === undefined ? '' : `, did you mean ${nearest}`}`)
  }
  if (problems.length === 0 && check) problems.push(...check(settings as Settings))
  if (problems.length > 0) throw new KengError('KENG_CONFIG_INVALID', problems.join('; '))
  return settings as Settings
}

function textOf(variable: string, schema: SettingSchema, env: Environment, problems: string[]): string | undefined {
  const direct = env[variable] || undefined
  const file = schema.secret ? env[`${variable}_FILE`] || undefined : undefined
  if (file === undefined) return direct
  if (direct !== undefined) {
    problems.push(`${variable} and ${variable}_FILE are both set, allowed: one of them`)
    return undefined
  }
  try {
    return readFileSync(file, 'utf8').trimEnd()
  } catch (error) {
    problems.push(`${variable}_FILE=${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return undefined
  }
}

function parse(variable: string, text: string, schema: SettingSchema, problems: string[]): unknown {
  const value = schema.type === 'integer' ? Number(text) : text
  if (isAllowed(value, text, schema)) return value
  problems.push(`${variable}=${schema.secret ? '[secret]' : text}, allowed: ${allowedText(schema)}`)
  return undefined
}

function isAllowed(value: string | number, text: string, schema: SettingSchema): boolean {
  if (schema.enum) return schema.enum.includes(value)
  if (typeof value === 'number') {
    // Digits only: Number() would also take 0x10, 1e3 and blanks, which nobody means in a port.
    return (
      /^\d{1,15}$/.test(text) && value >= (schema.minimum ?? 0) && value <= (schema.maximum ?? Number.MAX_SAFE_INTEGER)
    )
  }
  return schema.pattern === undefined || new RegExp(schema.pattern).test(value)
}
