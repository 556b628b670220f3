/** What the registry knows of a device; `id` and all optional fields are those of `POST /api/v1/devices` (contract.md, section 3). */

export const DEVICE_ID_PATTERN = '^[a-z0-9][a-z0-9._-]{0,63}$'
const DEVICE_ID = new RegExp(DEVICE_ID_PATTERN)

export const isDeviceId = (text: string): boolean => DEVICE_ID.test(text)

export const DEFAULT_CELL = 'default'
export const DEFAULT_TIME_ZONE = 'Asia/Ho_Chi_Minh'

export interface DeviceEntry {
  readonly id: string
  /** The ordering unit (architecture, decision 5). */
  readonly cell: string
  readonly name?: string
  readonly profile?: string
  readonly area?: string
  readonly latitude?: number
  readonly longitude?: number
  /** The gateway that may publish for this device. */
  readonly gateway?: string
  /** Its name in a foreign format: devEui, camera, SenML base name. */
  readonly externalId?: string
  readonly expectedIntervalSeconds?: number
  /** Short name → channel; a channel's own name always works. */
  readonly channels?: Readonly<Record<string, string>>
  readonly lateAfterSeconds?: number
  /** IANA name: the zone of its timestamps that carry no offset. */
  readonly timeZone?: string
  /** Its messages are marked `simulated` (architecture, decision 18). */
  readonly simulated?: boolean
}

const MINUTE_MS = 60_000

/** Age beyond which a reading of this device is late: its own setting, else two expected intervals, at least two minutes. */
export function lateAfterMs(device: Pick<DeviceEntry, 'expectedIntervalSeconds' | 'lateAfterSeconds'>): number {
  if (device.lateAfterSeconds !== undefined) return device.lateAfterSeconds * 1000
  return Math.max(2 * MINUTE_MS, 2 * 1000 * (device.expectedIntervalSeconds ?? 0))
}
