/** Checks a rules file before it goes live: all faults at once, each with its path. */

import type { TSchema } from 'typebox'
import { Errors } from 'typebox/value'

import { channelOf } from '../catalogue/channels.ts'
import { KengError } from '../errors.ts'
import { type AlertRule, NoDataRule, PLACEHOLDERS, ThresholdRule } from './rule.ts'

export interface RuleFault {
  /** JSON pointer (RFC 6901) into the file. */
  readonly path: string
  /** What is wrong and what to write instead. */
  readonly message: string
}

export type RulesCheck =
  | { readonly rules: readonly AlertRule[]; readonly faults: readonly [] }
  | { readonly rules: null; readonly faults: readonly RuleFault[] }

const FILE_VERSION = 1
interface ObjectSchema {
  readonly properties: Readonly<Record<string, TSchema>>
  readonly required: readonly string[]
}
const SCHEMAS: Readonly<Record<AlertRule['kind'], ObjectSchema>> = { threshold: ThresholdRule, 'no-data': NoDataRule }

type Report = (path: string, message: string) => void

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `file` is the parsed JSON of `{"version":1,"rules":[…]}`. */
export function checkRules(file: unknown): RulesCheck {
  const faults: RuleFault[] = []
  const report: Report = (path, message) => faults.push({ path, message })
  checkNfc(file, '', report)
  if (!isObject(file) || !Array.isArray(file.rules)) {
    report('', 'must be an object with version and rules, as docs/rules.md shows')
    return { rules: null, faults }
  }
  if (file.version !== FILE_VERSION) report('/version', `must be ${FILE_VERSION}`)
  for (const key of Object.keys(file)) {
    if (!['version', 'rules', '$schema', 'about'].includes(key)) report(`/${key}`, 'is not a field of a rules file')
  }
  const rules: AlertRule[] = []
  const places = new Map<string, number>()
  for (const [index, candidate] of (file.rules as readonly unknown[]).entries()) {
    const path = `/rules/${index}`
    const rule = checkShape(candidate, path, report)
    if (rule === null) continue
    const before = places.get(rule.id)
    if (before !== undefined)
      report(`${path}/id`, `"${rule.id}" is the id of /rules/${before} too; ids are part of alert ids`)
    else places.set(rule.id, index)
    checkMessage(rule, path, report)
    if (rule.kind === 'threshold') checkThreshold(rule, path, report)
    else if (rule.afterSeconds !== undefined && rule.afterIntervals !== undefined) {
      report(path, 'has both afterIntervals and afterSeconds; give one')
    }
    rules.push(rule)
  }
  return faults.length === 0 ? { rules, faults: [] } : { rules: null, faults }
}

/** Parses and checks the text of a rules file; throws KENG_ALERT_RULES naming every fault. `name` is the file's, for the message. */
export function parseRules(text: string, name: string): readonly AlertRule[] {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (cause) {
    throw new KengError('KENG_ALERT_RULES', `${name} is not JSON`, { cause })
  }
  const { rules, faults } = checkRules(file)
  if (rules !== null) return rules
  throw new KengError('KENG_ALERT_RULES', faults.map(({ path, message }) => `${name}#${path} ${message}`).join('; '))
}

function checkShape(candidate: unknown, path: string, report: Report): AlertRule | null {
  const kind = isObject(candidate) ? candidate.kind : undefined
  if (!isObject(candidate) || (kind !== 'threshold' && kind !== 'no-data')) {
    report(`${path}/kind`, 'must be "threshold" or "no-data"')
    return null
  }
  const { properties, required } = SCHEMAS[kind]
  let sound = true
  const fault: Report = (at, message) => {
    sound = false
    report(at, message)
  }
  for (const key of required) if (!Object.hasOwn(candidate, key)) fault(`${path}/${key}`, 'is missing')
  for (const [key, value] of Object.entries(candidate)) {
    const schema = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (schema === undefined) fault(`${path}/${key}`, 'is not a field of this kind of rule')
    else checkField(schema, value, `${path}/${key}`, fault)
  }
  return sound ? (candidate as unknown as AlertRule) : null
}

/** One field at a time: the validator stops after eight errors a call. */
function checkField(schema: TSchema, value: unknown, path: string, fault: Report): void {
  const seen = new Set<string>()
  for (const error of Errors(schema, value)) {
    // A closed object reports each stray field twice, and a failed choice once for each alternative.
    if (error.keyword === 'additionalProperties' || error.keyword === 'const') continue
    const missing = error.keyword === 'required' ? error.params.requiredProperties : [null]
    for (const field of missing) {
      const at = `${path}${error.instancePath}${field === null ? '' : `/${field}`}`
      if (!seen.has(at)) fault(at, field === null ? explain(error) : 'is missing')
      seen.add(at)
    }
  }
}

function explain({ keyword, message }: { readonly keyword: string; readonly message: string }): string {
  if (keyword === 'boolean') return 'is not a field here'
  return keyword === 'anyOf' ? 'is none of the words allowed here; docs/rules.md lists them' : message
}

function checkThreshold(rule: ThresholdRule, path: string, report: Report): void {
  const { above, below, deadband = 0, source } = rule
  if (source.confirmed && source.clause === undefined) {
    report(`${path}/source/clause`, 'is missing: a confirmed limit names the clause it stands in')
  }
  if ((above === undefined) === (below === undefined)) {
    report(path, 'must have exactly one of above and below')
    return
  }
  const channel = channelOf(rule.channel)
  if (channel === undefined) {
    report(`${path}/channel`, `"${rule.channel}" is not in the catalogue of channels`)
    return
  }
  const [min, max] = channel.range
  const range = `the channel's range, ${min} to ${max} ${channel.shown}`.trimEnd()
  // A value outside the range is flagged and opens nothing, so a limit at the far end could never be crossed.
  if (above !== undefined) {
    if (above < min || above >= max) report(`${path}/above`, `${above} must be inside ${range}, and below its end`)
    else if (above - deadband < min) report(`${path}/deadband`, `return at ${above - deadband} is outside ${range}`)
  }
  if (below !== undefined) {
    if (below <= min || below > max) report(`${path}/below`, `${below} must be inside ${range}, and above its start`)
    else if (below + deadband > max) report(`${path}/deadband`, `return at ${below + deadband} is outside ${range}`)
  }
}

function checkMessage({ kind, message }: AlertRule, path: string, report: Report): void {
  for (const language of ['vi', 'en'] as const) {
    const at = `${path}/message/${language}`
    const rest = message[language].replace(/\{([^{}]*)\}/g, (_, name: string) => {
      const known = PLACEHOLDERS[kind]
      if (!known.includes(name)) report(at, `{${name}} is not known; there are ${known.map((k) => `{${k}}`).join(' ')}`)
      return ''
    })
    if (/[{}]/.test(rest)) report(at, 'has a brace without its partner')
  }
}

function checkNfc(value: unknown, path: string, report: Report): void {
  if (typeof value === 'string') {
    if (value !== value.normalize('NFC')) report(path, 'is not in Unicode form NFC; save the file as NFC')
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkNfc(item, `${path}/${index}`, report)
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) checkNfc(item, `${path}/${key}`, report)
  }
}
