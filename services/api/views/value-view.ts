/** Values, units and readings as they go out. */

import { channelOf } from '../../../libs/core/catalogue/channels.ts'
import type { LiveReading } from '../../../libs/ports/pipeline.ts'
import { isoTime } from '../question-time.ts'
import type { LiveReadingData } from '../schemas/telemetry-schema.ts'

export const unitOf = (channel: string): string | null => channelOf(channel)?.unit ?? null

/** Booleans are 0 and 1 inside. */
export const shownValue = (unit: string | null, value: number): number | boolean =>
  unit === 'bool' ? value !== 0 : value

export function liveReadingView({ device, channel, value, ts, receivedAt, flags }: LiveReading): LiveReadingData {
  const unit = unitOf(channel)
  return {
    device,
    channel,
    unit,
    receivedAt: isoTime(receivedAt),
    points: [[isoTime(ts), shownValue(unit, value), [...flags]]],
  }
}
