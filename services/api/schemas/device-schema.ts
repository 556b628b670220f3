/** Devices as they come in and go out. */

import { type Static, Type } from 'typebox'

import { DEVICE_ID_PATTERN } from '../../../libs/core/device.ts'
import { CLOSED, Flags, Iso, IsoOrNull, listOf, ShownValue, Unit } from './answers.ts'

const SECONDS_PER_YEAR = 31_536_000
export const MAX_DEVICES_AT_ONCE = 10_000

const DeviceId = Type.String({ pattern: DEVICE_ID_PATTERN })
const seconds = (description: string) => Type.Number({ exclusiveMinimum: 0, maximum: SECONDS_PER_YEAR, description })

const FIELDS = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  profile: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  cell: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      description: 'ordering unit; the default cell unless said',
    }),
  ),
  area: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  latitude: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
  longitude: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
  gateway: Type.Optional(DeviceId),
  externalId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  expectedIntervalSeconds: Type.Optional(seconds('how often it reports')),
  channels: Type.Optional(
    Type.Record(
      Type.String({ minLength: 1, maxLength: 64 }),
      Type.String({ pattern: '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+$', maxLength: 64 }),
      {
        description: 'short name → channel',
        maxProperties: 128,
      },
    ),
  ),
  lateAfterSeconds: Type.Optional(seconds('age beyond which a reading is late')),
  timeZone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA name; of time stamps without an offset' })),
  simulated: Type.Optional(Type.Boolean({ description: 'its messages and alerts are marked, and never leave' })),
}

export const DeviceBody = Type.Object({ id: DeviceId, ...FIELDS }, CLOSED)
export type DeviceBody = Static<typeof DeviceBody>

/** One or several: all are registered or none. */
export const DeviceBodies = Type.Union([
  DeviceBody,
  Type.Array(DeviceBody, { minItems: 1, maxItems: MAX_DEVICES_AT_ONCE }),
])

export const DeviceChange = Type.Object(FIELDS, { ...CLOSED, minProperties: 1 })
export type DeviceChange = Static<typeof DeviceChange>

export const IssuedToken = Type.Object({ id: Type.String(), token: Type.String({ description: 'shown once' }) }, CLOSED)

export const IssuedTokens = Type.Object({ items: Type.Array(IssuedToken) }, CLOSED)

export const Device = Type.Object(
  {
    ...FIELDS,
    id: Type.String(),
    cell: Type.String(),
    latest: Type.Record(
      Type.String(),
      Type.Object({ value: ShownValue, unit: Unit, ts: Iso, receivedAt: Iso, flags: Flags }, CLOSED),
      { description: 'channel → newest trusted reading' },
    ),
    health: Type.Object({ state: Type.Enum(['reporting', 'silent', 'unknown']), lastReceivedAt: IsoOrNull }, CLOSED),
  },
  CLOSED,
)
export type Device = Static<typeof Device>

export const DeviceList = listOf(Device)
