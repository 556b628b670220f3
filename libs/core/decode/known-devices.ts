/** The devices as decode knows them at its place in the log, and which of them its memory has to be told about. */

import type { DeviceEntry } from '../device.ts'
import { deviceText, entryKey, type RegistryFact, restoreMemory, stateKey } from './decode-memory.ts'
import { createDeviceState, createSeriesState, type DeviceState, type SeriesState, setEntry } from './device-state.ts'

export interface KnownDevices {
  /** The state of a device that is registered, or was. */
  get(id: string): DeviceState | undefined
  /** What the registry says from here on; `text` is the JSON of the fact. */
  learn(fact: RegistryFact, text: string): void
  createSeries(channel: string): SeriesState
  touch(device: DeviceState): void
  /** Arrivals come again: what they stamp may begin at them again, and looks for a free time. */
  setBackStamps(receivedAt: number): void
  /** Times that a wrong clock made credible are in the future again: nothing may wait for them. */
  setBackNewest(receivedAt: number): void
  /** Entries of memory that changed since the last call. */
  takeMemory(): Map<string, string>
}

export function createKnownDevices(devices: Iterable<DeviceEntry>, memory: ReadonlyMap<string, string>): KnownDevices {
  const { entries, states, nextSeries: first } = restoreMemory(devices, memory)
  let nextSeries = first
  const facts = new Map<string, string>()
  let touched: DeviceState[] = []

  function touch(device: DeviceState): void {
    if (device.isTouched) return
    device.isTouched = true
    touched.push(device)
  }

  /** Calls `change` with each series; where it changed something it says so. */
  function changeAll(change: (series: SeriesState) => boolean): void {
    for (const device of states.values()) {
      for (const series of device.series.values()) {
        if (change(series)) touch(device)
      }
    }
  }

  return {
    get(id) {
      const known = states.get(id)
      if (known !== undefined) return known
      const entry = entries.get(id)
      if (entry === undefined) return undefined
      const state = createDeviceState(id, entry)
      states.set(id, state)
      return state
    },

    learn(fact, text) {
      const entry = 'deleted' in fact ? undefined : fact
      if (entry === undefined) entries.delete(fact.id)
      else entries.set(fact.id, entry)
      const state = states.get(fact.id)
      if (state !== undefined) setEntry(state, entry)
      facts.set(entryKey(fact.id), text)
    },

    createSeries: (channel) => createSeriesState(nextSeries++, channel),
    touch,

    setBackStamps(receivedAt) {
      changeAll((series) => {
        if (series.stamped < receivedAt) return false
        series.stamped = receivedAt - 1
        return true
      })
    },

    setBackNewest(receivedAt) {
      changeAll((series) => {
        if (series.newest <= receivedAt && series.latestRank <= receivedAt) return false
        series.newest = Math.min(series.newest, receivedAt)
        series.latestRank = Math.min(series.latestRank, receivedAt)
        return true
      })
    },

    takeMemory() {
      const taken = new Map(facts)
      for (const device of touched) {
        device.isTouched = false
        taken.set(stateKey(device.id), deviceText(device))
      }
      facts.clear()
      touched = []
      return taken
    },
  }
}
