/** Decode's memory as texts that a store keeps beside its readings: a restart goes on as if nothing had happened. */

import type { DeviceEntry } from '../device.ts'
import { createDeviceState, createSeriesState, type DeviceState, type SeriesState } from './device-state.ts'
import type { BootWindow } from './sequence-window.ts'

/** What the registry said of a device at this place in the log. */
export type RegistryFact = DeviceEntry | { readonly id: string; readonly deleted: true }

const ENTRY = 'entry/'
const STATE = 'state/'

export const entryKey = (device: string): string => ENTRY + device
export const stateKey = (device: string): string => STATE + device

// Short forms: one such text a device is written with each of its batches. -Infinity and NaN, which JSON lacks, are null.
type SeriesText = [
  id: number,
  channel: string,
  highWater: number | null,
  highValue: number | null,
  newest: number | null,
  stamped: number | null,
  suspects: 0 | 1,
  latest: [ts: number, rank: number, value: number, receivedAt: number, flags: number] | null,
]
type BootText = [boot: string, maxTs: number | null, floor: number, ranges: number[]]
interface DeviceText {
  readonly series: SeriesText[]
  readonly boots: BootText[]
  readonly events: string[]
}

/** The text of a device's state; `restoreDevice` gives back one that behaves the same. */
export function deviceText(device: DeviceState): string {
  const text: DeviceText = {
    series: Array.from(device.series.values(), seriesText),
    boots: device.boots.map(({ boot, maxTs, floor, ranges }) => [boot, orNull(maxTs), floor, ranges]),
    events: [...device.events],
  }
  return JSON.stringify(text)
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

const seriesText = (series: SeriesState): SeriesText => [
  series.id,
  series.channel,
  orNull(series.highWater),
  orNull(series.highValue),
  orNull(series.newest),
  orNull(series.stamped),
  series.suspects ? 1 : 0,
  series.latestTs === Number.NEGATIVE_INFINITY
    ? null
    : [series.latestTs, series.latestRank, series.latestValue, series.latestReceivedAt, series.latestFlags],
]

function restoreDevice(id: string, entry: DeviceEntry | undefined, text: string): DeviceState {
  const stored = JSON.parse(text) as DeviceText
  const device = createDeviceState(id, entry)
  for (const series of stored.series) device.series.set(series[1], restoreSeries(series))
  for (const boot of stored.boots) device.boots.push(restoreBoot(boot))
  for (const identity of stored.events) device.events.add(identity)
  return device
}

const never = (time: number | null): number => time ?? Number.NEGATIVE_INFINITY

const restoreBoot = ([boot, maxTs, floor, ranges]: BootText): BootWindow => ({
  boot,
  maxTs: never(maxTs),
  floor,
  ranges,
})

function restoreSeries([
  id,
  channel,
  highWater,
  highValue,
  newest,
  stamped,
  suspects,
  latest,
]: SeriesText): SeriesState {
  const series = createSeriesState(id, channel)
  series.highWater = never(highWater)
  series.highValue = highValue ?? Number.NaN
  series.newest = never(newest)
  series.stamped = never(stamped)
  series.suspects = suspects === 1
  if (latest === null) return series
  series.latestTs = latest[0]
  series.latestRank = latest[1]
  series.latestValue = latest[2]
  series.latestReceivedAt = latest[3]
  series.latestFlags = latest[4]
  return series
}

export interface Remembered {
  /** What the registry says: the memory's own word where it has one, else that of `devices`. */
  readonly entries: Map<string, DeviceEntry>
  readonly states: Map<string, DeviceState>
  /** Number that the next new series gets. */
  readonly nextSeries: number
}

/**
 * Reads a memory back. `devices` is what the registry says now: it counts only for devices that the log has said
 * nothing about so far, so that what comes later in the log does not take effect before its place.
 */
export function restoreMemory(devices: Iterable<DeviceEntry>, memory: ReadonlyMap<string, string>): Remembered {
  const entries = new Map<string, DeviceEntry>()
  for (const entry of devices) entries.set(entry.id, entry)
  for (const [key, text] of memory) {
    if (!key.startsWith(ENTRY)) continue
    const fact = JSON.parse(text) as RegistryFact
    if ('deleted' in fact) entries.delete(fact.id)
    else entries.set(fact.id, fact)
  }
  const states = new Map<string, DeviceState>()
  let nextSeries = 0
  for (const [key, text] of memory) {
    if (!key.startsWith(STATE)) continue
    const id = key.slice(STATE.length)
    const state = restoreDevice(id, entries.get(id), text)
    states.set(id, state)
    for (const series of state.series.values()) nextSeries = Math.max(nextSeries, series.id + 1)
  }
  return { entries, states, nextSeries }
}
