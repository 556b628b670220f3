/** What decode remembers of a device and of each of its series (a channel of a device). */

import { channelOf } from '../catalogue/channels.ts'
import { DEFAULT_TIME_ZONE, type DeviceEntry, lateAfterMs } from '../device.ts'
import { FLAG } from '../reading.ts'
import { type Refusal, refusal, shown } from './refusal.ts'
import type { BootWindow } from './sequence-window.ts'

/** Times are epoch milliseconds; -Infinity where there is none yet. */
export interface SeriesState {
  readonly id: number
  readonly channel: string
  readonly min: number
  readonly max: number
  /** Flags of every reading of it: unknown-channel or none. */
  readonly flags: number
  /** Greatest time ever stored, and the value stored there: a later point is new by construction. */
  highWater: number
  highValue: number
  /** Greatest credible event time: decides what is out of order. */
  newest: number
  /** Greatest time given by arrival; moved when a message is first seen, so that it depends on no look-up. */
  stamped: number
  /** Whether a point of a suspect clock was ever seen. */
  suspects: boolean
  /** The newest trusted reading. `latestRank` is its time, lowered where the clock that made it was wrong. */
  latestTs: number
  latestRank: number
  latestValue: number
  latestReceivedAt: number
  latestFlags: number
  /** The batch that touched the series last, and the high-water mark as it was before that: not remembered over restarts. */
  batch: number
  baseTs: number
  baseValue: number
}

export interface DeviceState {
  readonly id: string
  /** As the registry has it at this place in the log; undefined for a device that was removed or never there. */
  entry: DeviceEntry | undefined
  /** Flags of every reading of it: simulated or none. */
  flags: number
  lateAfter: number
  timeZone: string
  /** Series by channel, in order of first appearance. */
  readonly series: Map<string, SeriesState>
  /** Series by every name the device has used for it: the way of nearly all values. */
  readonly names: Map<string, SeriesState>
  readonly boots: BootWindow[]
  /** Identities of recent events, oldest first. */
  readonly events: Set<string>
  /** Changed since its memory was taken last. */
  isTouched: boolean
}

export const MAX_CHANNELS = 128
export const MAX_EVENT_IDENTITIES = 64
const CHANNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export function createDeviceState(id: string, entry: DeviceEntry | undefined): DeviceState {
  const state: DeviceState = {
    id,
    entry: undefined,
    flags: 0,
    lateAfter: 0,
    timeZone: DEFAULT_TIME_ZONE,
    series: new Map(),
    names: new Map(),
    boots: [],
    events: new Set(),
    isTouched: false,
  }
  setEntry(state, entry)
  return state
}

/** Takes over what the registry says from here on; the series stay, with or without the device. */
export function setEntry(device: DeviceState, entry: DeviceEntry | undefined): void {
  device.entry = entry
  device.names.clear()
  if (entry === undefined) return
  device.flags = entry.simulated === true ? FLAG.simulated : 0
  device.lateAfter = lateAfterMs(entry)
  device.timeZone = entry.timeZone ?? DEFAULT_TIME_ZONE
}

export function createSeriesState(id: number, channel: string): SeriesState {
  const known = channelOf(channel)
  return {
    id,
    channel,
    min: known?.range[0] ?? Number.NEGATIVE_INFINITY,
    max: known?.range[1] ?? Number.POSITIVE_INFINITY,
    flags: known === undefined ? FLAG['unknown-channel'] : 0,
    highWater: Number.NEGATIVE_INFINITY,
    highValue: Number.NaN,
    newest: Number.NEGATIVE_INFINITY,
    stamped: Number.NEGATIVE_INFINITY,
    suspects: false,
    latestTs: Number.NEGATIVE_INFINITY,
    latestRank: Number.NEGATIVE_INFINITY,
    latestValue: Number.NaN,
    latestReceivedAt: Number.NEGATIVE_INFINITY,
    latestFlags: 0,
    batch: -1,
    baseTs: Number.NEGATIVE_INFINITY,
    baseValue: Number.NaN,
  }
}

/**
 * The series that a device means by a name, made by `createSeries` at its first use, or why it can have none. Only
 * names that work are remembered, so that a device cannot fill the memory with nonsense.
 */
export function seriesOf(
  device: DeviceState,
  name: string,
  createSeries: (channel: string) => SeriesState,
): SeriesState | Refusal {
  const mapped = device.entry?.channels
  const channel = mapped !== undefined && Object.hasOwn(mapped, name) ? (mapped[name] ?? name) : name
  // A name that every object inherits would be read as a value by whoever keeps channels in one.
  if (!CHANNEL_NAME.test(channel) || channel in Object.prototype) {
    return refusal('KENG_DECODE_CHANNEL', shown(channel))
  }
  let series = device.series.get(channel)
  if (series === undefined) {
    if (device.series.size >= MAX_CHANNELS) {
      return refusal('KENG_DECODE_TOO_MANY_CHANNELS', `${shown(channel)} would be number ${MAX_CHANNELS + 1}`)
    }
    series = createSeries(channel)
    device.series.set(channel, series)
  }
  device.names.set(name, series)
  return series
}
