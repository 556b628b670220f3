/** Stations as signals, one for each value: what did not change is not drawn again. */

import type { ReadonlySignal, Signal } from '@preact/signals'
import { batch, computed, signal } from '@preact/signals'
import type { Severity } from '../../../libs/core/alarm/alert.ts'
import type { FlagName } from '../../../libs/core/reading.ts'
import { compareChannels } from '../model/describe-channel.ts'
import { isQuiet, isTroubling } from '../model/judge-flags.ts'
import type { Health, Heard, StationState } from '../model/judge-station.ts'
import { healthOf, sortStations } from '../model/judge-station.ts'
import type { WireArrival, WireDeletion, WireDevice } from '../wire/wire.ts'

/** A reading as shown. Times are epoch milliseconds. */
export interface Shown {
  readonly value: number | boolean
  readonly ts: number
  readonly receivedAt: number
  readonly flags: readonly FlagName[]
}

export interface Cell {
  readonly channel: string
  readonly unit: string | null
  /** The newest reading worth believing, as the API calls `latest`; null while there is none. */
  readonly shown: Signal<Shown | null>
  /** A newer reading that was refused as the latest (out of range, calibrating …): why the shown one grows old. */
  readonly refused: Signal<Shown | null>
}

export type StationFacts = Omit<WireDevice, 'latest' | 'health'>

export interface Station {
  readonly id: string
  readonly facts: Signal<StationFacts>
  readonly cells: Signal<readonly Cell[]>
  readonly lastReceivedAt: Signal<number | null>
  readonly heard: ReadonlySignal<Heard>
  readonly health: ReadonlySignal<Health>
  readonly state: ReadonlySignal<StationState>
}

export interface StationStore {
  /** Troubled first; the same array until the order changes. */
  readonly ordered: ReadonlySignal<readonly Station[]>
  /** Whether the list has been loaded once. */
  readonly loaded: ReadonlySignal<boolean>
  readonly anySimulated: ReadonlySignal<boolean>
  /** Some stations are simulated, some are real: then each has to say which. */
  readonly mixed: ReadonlySignal<boolean>
  readonly silent: ReadonlySignal<number>
  find(id: string): Station | undefined
  /** Takes the place of everything known. */
  load(devices: readonly WireDevice[]): void
  applyDevice(device: WireDevice | WireDeletion): void
  applyArrival(arrival: WireArrival): void
}

export interface StationContext {
  /** Epoch milliseconds, moving once a second. */
  readonly now: ReadonlySignal<number>
  /** Worst open alert of each device. */
  readonly worstAlerts: ReadonlySignal<ReadonlyMap<string, Severity>>
}

const newer = (next: Shown, current: Shown | null): boolean => current === null || next.ts >= current.ts

export function createStationStore({ now, worstAlerts }: StationContext): StationStore {
  const stations = new Map<string, Station>()
  const list = signal<readonly Station[]>([])
  const loaded = signal(false)

  function createStation(device: WireDevice): Station {
    const facts = signal<StationFacts>(device)
    const cells = signal<readonly Cell[]>([])
    const lastReceivedAt = signal<number | null>(null)
    const heard = computed<Heard>(() => ({
      lastReceivedAt: lastReceivedAt.value,
      expectedIntervalSeconds: facts.value.expectedIntervalSeconds,
      lateAfterSeconds: facts.value.lateAfterSeconds,
    }))
    const health = computed(() => healthOf(heard.value, now.value))
    const doubts = computed(() =>
      cells.value.some((cell) => cell.refused.value !== null || isTroubling(cell.shown.value?.flags ?? [])),
    )
    const state = computed<StationState>(() => ({
      id: device.id,
      name: facts.value.name ?? device.id,
      health: health.value,
      worstAlert: worstAlerts.value.get(device.id) ?? null,
      doubts: doubts.value,
    }))
    return { id: device.id, facts, cells, lastReceivedAt, heard, health, state }
  }

  function cellOf(station: Station, channel: string, unit: string | null): Cell {
    const known = station.cells.peek().find((cell) => cell.channel === channel)
    if (known !== undefined) return known
    const cell: Cell = { channel, unit, shown: signal(null), refused: signal(null) }
    station.cells.value = [...station.cells.peek(), cell].sort((a, b) => compareChannels(a.channel, b.channel))
    return cell
  }

  function show(cell: Cell, next: Shown): void {
    if (!isQuiet(next.flags)) {
      if (!newer(next, cell.shown.peek())) return
      cell.shown.value = next
      const refused = cell.refused.peek()
      if (refused !== null && refused.ts <= next.ts) cell.refused.value = null
      return
    }
    // What is merely late completes the history; it says nothing about now.
    if (next.flags.includes('late') || next.flags.includes('out-of-order')) return
    if (newer(next, cell.shown.peek()) && newer(next, cell.refused.peek())) cell.refused.value = next
  }

  function update(station: Station, device: WireDevice): void {
    const { latest, health, ...facts } = device
    station.facts.value = facts
    if (health.lastReceivedAt !== null) {
      station.lastReceivedAt.value = Math.max(Date.parse(health.lastReceivedAt), station.lastReceivedAt.peek() ?? 0)
    }
    for (const [channel, { value, unit, ts, receivedAt, flags }] of Object.entries(latest)) {
      if (value === null) continue
      show(cellOf(station, channel, unit), { value, ts: Date.parse(ts), receivedAt: Date.parse(receivedAt), flags })
    }
  }

  function put(device: WireDevice): void {
    const known = stations.get(device.id)
    const station = known ?? createStation(device)
    stations.set(device.id, station)
    update(station, device)
    if (known === undefined) list.value = [...stations.values()]
  }

  let last: readonly Station[] = []
  const ordered = computed(() => {
    const states = sortStations(list.value.map((station) => station.state.value))
    const next = states.map(({ id }) => stations.get(id)).filter((station) => station !== undefined)
    if (next.length !== last.length || next.some((station, index) => station !== last[index])) last = next
    return last
  })

  return {
    ordered,
    loaded,
    anySimulated: computed(() => list.value.some((station) => station.facts.value.simulated === true)),
    mixed: computed(() => new Set(list.value.map((station) => station.facts.value.simulated === true)).size > 1),
    silent: computed(() => list.value.filter((station) => station.health.value === 'silent').length),
    find: (id) => stations.get(id),
    load(devices) {
      batch(() => {
        const kept = new Set(devices.map((device) => device.id))
        for (const id of [...stations.keys()]) if (!kept.has(id)) stations.delete(id)
        for (const device of devices) {
          const station = stations.get(device.id) ?? createStation(device)
          stations.set(device.id, station)
          update(station, device)
        }
        list.value = [...stations.values()]
        loaded.value = true
      })
    },
    applyDevice(device) {
      batch(() => {
        if (!('deleted' in device)) put(device)
        else if (stations.delete(device.id)) list.value = [...stations.values()]
      })
    },
    applyArrival(arrival) {
      const station = stations.get(arrival.device)
      // A device that is not listed yet: its own event follows, with these values in it.
      if (station === undefined) return
      batch(() => {
        const receivedAt = Date.parse(arrival.receivedAt)
        station.lastReceivedAt.value = Math.max(receivedAt, station.lastReceivedAt.peek() ?? 0)
        const cell = cellOf(station, arrival.channel, arrival.unit)
        for (const [ts, value, flags] of arrival.points) {
          if (value !== null) show(cell, { value, ts: Date.parse(ts), receivedAt, flags })
        }
      })
    },
  }
}
