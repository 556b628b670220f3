/** The map of a recording: which columns are the device, the time and the channels (docs/replay.md). */

import { type Static, Type } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'

import { DEVICE_ID_PATTERN } from '../../libs/core/device.ts'
import { KengError } from '../../libs/core/errors.ts'
import { compileTimeFormat } from './time-format.ts'
import { isTimeZone } from './zone-time.ts'

const CLOSED = { additionalProperties: false }
const CHANNEL_PATTERN = '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+$'
const MOST_IN_BATCH = 1000
const BATCH = 500
const MISSING = ['', 'NA', 'NaN', 'null']
const MOST_FAULTS = 100
const SECONDS_PER_YEAR = 31_536_000

/** A column by its name in the header, or by its number from 1. */
const Column = Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 1 })])
export type Column = Static<typeof Column>

const Seconds = Type.Number({ exclusiveMinimum: 0, maximum: SECONDS_PER_YEAR })

const Schema = Type.Object(
  {
    about: Type.Optional(Type.String()),
    file: Type.Optional(
      Type.Object(
        {
          delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 4 })),
          header: Type.Optional(Type.Boolean()),
          skipLines: Type.Optional(Type.Integer({ minimum: 0 })),
          comment: Type.Optional(Type.String({ minLength: 1, maxLength: 4 })),
          decimal: Type.Optional(Type.Enum(['.', ','])),
        },
        CLOSED,
      ),
    ),
    device: Type.Object(
      {
        id: Type.Optional(Type.String({ pattern: DEVICE_ID_PATTERN })),
        column: Type.Optional(Column),
        prefix: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,31}$' })),
      },
      CLOSED,
    ),
    registration: Type.Optional(
      Type.Object(
        {
          name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
          profile: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
          area: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
          latitude: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
          longitude: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
          expectedIntervalSeconds: Type.Optional(Seconds),
          lateAfterSeconds: Type.Optional(Seconds),
          simulated: Type.Optional(Type.Boolean()),
        },
        CLOSED,
      ),
    ),
    time: Type.Object(
      {
        column: Type.Optional(Column),
        format: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        columns: Type.Optional(
          Type.Object(
            {
              year: Column,
              month: Column,
              day: Column,
              hour: Type.Optional(Column),
              minute: Type.Optional(Column),
              second: Type.Optional(Column),
            },
            CLOSED,
          ),
        ),
        zone: Type.Optional(Type.String({ maxLength: 64 })),
      },
      CLOSED,
    ),
    channels: Type.Array(
      Type.Object(
        {
          column: Column,
          channel: Type.String({ pattern: CHANNEL_PATTERN, maxLength: 64 }),
          factor: Type.Optional(Type.Number()),
          offset: Type.Optional(Type.Number()),
          words: Type.Optional(Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()]))),
        },
        CLOSED,
      ),
      { minItems: 1, maxItems: 128 },
    ),
    missing: Type.Optional(Type.Array(Type.String())),
    batch: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_IN_BATCH })),
  },
  CLOSED,
)

type Written = Static<typeof Schema>

/** A map with its defaults filled in. */
export interface RecordingMap extends Written {
  readonly file: Required<Omit<NonNullable<Written['file']>, 'comment'>> & { readonly comment?: string }
  readonly missing: string[]
  readonly batch: number
}

interface SchemaFault {
  readonly keyword: string
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

function inWords({ keyword, instancePath, params, message }: SchemaFault): string[] {
  const path = instancePath === '' ? '/' : instancePath
  if (keyword === 'boolean') return [`${path} is not known`]
  if (keyword === 'required') {
    const names: unknown = Reflect.get(params, 'requiredProperties')
    return Array.isArray(names) ? names.map((name) => `${instancePath}/${name} is required`) : [`${path} ${message}`]
  }
  // Said already, property by property or choice by choice.
  return keyword === 'additionalProperties' || keyword === 'anyOf' ? [] : [`${path} ${message}`]
}

/** What a schema cannot say: what belongs together and what excludes what. */
function contradictions({ device, time, channels, file }: Written): string[] {
  const faults: string[] = []
  if ((device.id === undefined) === (device.column === undefined)) faults.push('/device needs either id or column')
  if (device.prefix !== undefined && device.column === undefined) faults.push('/device/prefix goes with column only')
  if ((time.column === undefined) === (time.columns === undefined)) faults.push('/time needs either column or columns')
  if ((time.column === undefined) !== (time.format === undefined))
    faults.push('/time/format goes with column, and column needs it')
  if (time.zone !== undefined && !isTimeZone(time.zone))
    faults.push(`/time/zone ${time.zone} is no IANA time zone, e.g. Asia/Ho_Chi_Minh`)
  const format = time.format === undefined ? null : compileTimeFormat(time.format)
  if (format?.fault !== undefined) faults.push(`/time/format ${format.fault}`)
  const needsZone = format === null ? time.columns !== undefined : format.needsZone
  if (needsZone && time.zone === undefined)
    faults.push('/time/zone is required: these times do not say where they are local')
  const seen = new Set<string>()
  for (const [index, { channel }] of channels.entries()) {
    if (seen.has(channel)) faults.push(`/channels/${index}/channel ${channel} has a column already`)
    seen.add(channel)
  }
  if (file?.header === false) {
    const columns = [
      device.column,
      time.column,
      ...Object.values(time.columns ?? {}),
      ...channels.map(({ column }) => column),
    ]
    for (const column of columns)
      if (typeof column === 'string')
        faults.push(`column ${column} has a name, but the file has no header: use its number`)
  }
  return faults
}

/** Checks the text of a map. Throws KENG_REPLAY_MAP with all its faults. `path` is only for the message. */
export function parseRecordingMap(path: string, text: string): RecordingMap {
  const refuse = (faults: readonly string[], cause?: unknown): never => {
    throw new KengError('KENG_REPLAY_MAP', `${path}: ${faults.join('; ')}`, { cause })
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    return refuse([`not JSON (${cause instanceof Error ? cause.message : String(cause)})`], cause)
  }
  // The library stops at eight faults unless told otherwise, and people should need one attempt.
  Settings.Set({ maxErrors: MOST_FAULTS })
  if (!Value.Check(Schema, content)) return refuse([...new Set(Value.Errors(Schema, content).flatMap(inWords))])
  const faults = contradictions(content)
  if (faults.length > 0) return refuse(faults)
  return {
    ...content,
    file: { delimiter: ',', header: true, skipLines: 0, decimal: '.', ...content.file },
    missing: content.missing ?? MISSING,
    batch: content.batch ?? BATCH,
  }
}
