/** What is missing from the log, and why: named once, counted, never served as data. */

import type { LogTopic } from '../../core/log/log-topics.ts'

export interface Damage {
  readonly topic: LogTopic
  /** `batch`: bytes inside a file are no batch. `tail`: the end of the last file was cut. `gap`: offsets that no file holds. */
  readonly kind: 'batch' | 'tail' | 'gap'
  /** Name of the file, and the bytes of it: `toByte` exclusive. */
  readonly file: string
  readonly fromByte: number
  readonly toByte: number
  /** Offsets lost: `toOffset` exclusive. Equal where none is known to be lost (a tail that was never acknowledged). */
  readonly fromOffset: number
  readonly toOffset: number
}

export interface DamageList {
  /** Notes a damage unless it is known. A thousand are kept; those after them are only told and counted. */
  add(damage: Damage): void
  list(): readonly Damage[]
  /** How many were found, tails left out, also beyond what the list keeps. */
  total(): number
}

const MAX_KEPT = 1000

export function createDamageList(onDamage: (damage: Damage) => void): DamageList {
  const known = new Map<string, Damage>()
  let total = 0
  return {
    add(damage) {
      const key = `${damage.topic} ${damage.kind} ${damage.file} ${damage.fromByte} ${damage.fromOffset}`
      if (known.has(key)) return
      // A tail is what any power cut leaves behind: named, but nothing is known to be lost.
      if (damage.kind !== 'tail') total++
      if (known.size < MAX_KEPT) known.set(key, damage)
      onDamage(damage)
    },
    list: () => [...known.values()],
    total: () => total,
  }
}
