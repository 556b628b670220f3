/** A device as it goes out: what the registry knows, its latest values, and whether it is heard. */

import { type DeviceEntry, lateAfterMs } from '../../../libs/core/device.ts'
import type { LatestValue } from '../../../libs/ports/pipeline.ts'
import { isoTime } from '../question-time.ts'
import type { Device } from '../schemas/device-schema.ts'
import { shownValue, unitOf } from './value-view.ts'

export function deviceView(entry: DeviceEntry, latest: readonly LatestValue[], now: number): Device {
  const lastReceivedAt = latest.reduce<number | null>(
    (newest, { receivedAt }) => Math.max(newest ?? 0, receivedAt),
    null,
  )
  // `channels` is the one field that is an object: a copy, because what is answered must not be the registry's own.
  const { channels, ...fields } = entry
  return {
    ...fields,
    ...(channels !== undefined && { channels: { ...channels } }),
    // Channel names come from devices: `__proto__` must become a key, so no assignment by name.
    latest: Object.fromEntries(latest.map((value) => [value.channel, latestView(value)])),
    health: {
      state: healthState(entry, lastReceivedAt, now),
      lastReceivedAt: lastReceivedAt === null ? null : isoTime(lastReceivedAt),
    },
  }
}

function latestView({ channel, value, ts, receivedAt, flags }: LatestValue): Device['latest'][string] {
  const unit = unitOf(channel)
  return { value: shownValue(unit, value), unit, ts: isoTime(ts), receivedAt: isoTime(receivedAt), flags: [...flags] }
}

function healthState(entry: DeviceEntry, lastReceivedAt: number | null, now: number): Device['health']['state'] {
  if (lastReceivedAt === null) return 'unknown'
  if (now - lastReceivedAt <= lateAfterMs(entry)) return 'reporting'
  // Without an expected interval nobody can say that a device is late, unless it was told when it would be.
  return entry.expectedIntervalSeconds === undefined && entry.lateAfterSeconds === undefined ? 'unknown' : 'silent'
}
