/** How far each consumer has come in one topic: what retention may not pass, also while a consumer is not there. */

import path from 'node:path'
import type { Disk } from './disk.ts'
import { isMissing } from './disk-errors.ts'
import { UNFINISHED } from './segment-names.ts'

const FILE = 'groups.json'
const MAX_FILE_BYTES = 1024 * 1024

export interface ConsumerGroups {
  load(): Promise<void>
  /** Everything before `offset` is safe in the group's own store. */
  commit(group: string, offset: number): void
  /** The offset that the slowest group has reached; undefined where no group has ever committed. */
  slowest(): number | undefined
  /** Forgets a consumer that will not come back. */
  forget(group: string): void
  list(): ReadonlyMap<string, number>
  /** Writes the positions down. Not synced: an older position only keeps files longer. */
  save(): Promise<void>
}

export function createConsumerGroups(disk: Disk, dir: string): ConsumerGroups {
  const positions = new Map<string, number>()
  let changed = false

  async function load(): Promise<void> {
    try {
      const file = await disk.open(path.join(dir, FILE), 'read')
      const bytes = Buffer.alloc(Math.min(MAX_FILE_BYTES, await file.size()))
      const length = await file.read(bytes, bytes.length, 0)
      await file.close()
      const stored: unknown = JSON.parse(bytes.toString('utf8', 0, length))
      if (typeof stored !== 'object' || stored === null) return
      for (const [group, offset] of Object.entries(stored)) {
        if (Number.isSafeInteger(offset)) positions.set(group, offset)
      }
    } catch (error) {
      // Torn by a power cut: consumers say again how far they are when they come back.
      if (!isMissing(error) && !(error instanceof SyntaxError)) throw error
    }
  }

  return {
    load,
    commit(group, offset) {
      if (offset <= (positions.get(group) ?? -1)) return
      positions.set(group, offset)
      changed = true
    },
    slowest: () => (positions.size === 0 ? undefined : Math.min(...positions.values())),
    forget(group) {
      changed = positions.delete(group) || changed
    },
    list: () => positions,
    async save() {
      if (!changed) return
      changed = false
      const bytes = Buffer.from(JSON.stringify(Object.fromEntries(positions)))
      const beside = path.join(dir, FILE + UNFINISHED)
      const file = await disk.open(beside, 'write')
      await file.truncate(0)
      await file.write(bytes, bytes.length, 0)
      await file.close()
      await disk.rename(beside, path.join(dir, FILE))
    },
  }
}
