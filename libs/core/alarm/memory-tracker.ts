/** Keeps note of what changed in the engine's memory, so that a flush writes that and nothing else. */

import type { EngineClock } from './engine-clock.ts'
import {
  CLOCK_KEY,
  deviceKey,
  encodeAbsence,
  encodeCheck,
  encodeClock,
  encodeEntry,
  encodeHeard,
  encodeRemoved,
  heardKey,
} from './engine-memory.ts'
import { type AbsenceCheck, NEVER, type ThresholdCheck, type WatchedDevice } from './watched-device.ts'

export interface MemoryTracker {
  stepped(): void
  checkChanged(check: ThresholdCheck): void
  absenceChanged(absence: AbsenceCheck): void
  heardChanged(device: WatchedDevice): void
  entryChanged(device: WatchedDevice): void
  forget(key: string): void
  forgetDevice(id: string): void
  /** Entries that changed since the last take; null deletes one. */
  take(): Map<string, string | null>
}

export function createMemoryTracker(clock: EngineClock): MemoryTracker {
  let moved = false
  const forgotten = new Set<string>()
  const checks = new Set<ThresholdCheck>()
  const absences = new Set<AbsenceCheck>()
  const entries = new Map<string, WatchedDevice>()
  const removed = new Set<string>()
  let heard: WatchedDevice[] = []

  return {
    stepped() {
      moved = true
    },
    checkChanged: (check) => void checks.add(check),
    absenceChanged: (absence) => void absences.add(absence),
    heardChanged(device) {
      if (device.dirty) return
      device.dirty = true
      heard.push(device)
    },
    entryChanged(device) {
      removed.delete(device.id)
      entries.set(device.id, device)
    },
    forget: (key) => void forgotten.add(key),
    forgetDevice(id) {
      entries.delete(id)
      removed.add(id)
      forgotten.add(heardKey(id))
    },
    take() {
      const changes = new Map<string, string | null>()
      for (const key of forgotten) changes.set(key, null)
      for (const id of removed) changes.set(deviceKey(id), encodeRemoved(id))
      for (const [id, device] of entries) changes.set(deviceKey(id), encodeEntry(device.entry))
      for (const device of heard) {
        device.dirty = false
        if (device.heardAt !== NEVER) changes.set(heardKey(device.id), encodeHeard(device))
      }
      for (const check of checks) if (check.held) changes.set(check.key, encodeCheck(check))
      for (const absence of absences) if (absence.held) changes.set(absence.key, encodeAbsence(absence))
      if (moved) changes.set(CLOCK_KEY, encodeClock(clock))
      moved = false
      heard = []
      for (const noted of [forgotten, checks, absences, entries, removed]) noted.clear()
      return changes
    },
  }
}
