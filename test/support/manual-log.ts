/** An EventLog whose appends end when the test says so: for acknowledgements and back-pressure. Nothing can be read from it. */

import type { AppendDone, EventLog, NewRecord } from '../../libs/ports/event-log.ts'

export interface ManualLog extends EventLog {
  /** Appends that have not ended, oldest first. */
  readonly held: { readonly records: readonly NewRecord[]; readonly done: AppendDone }[]
  /** Ends the oldest append, or the one at `at`, well or with an error. */
  end(error?: Error | null, at?: number): void
  /** From now on appends end by themselves at once. */
  letThrough(): void
  /** Values of all appends that ended well. */
  readonly stored: Uint8Array[]
}

export function createManualLog(): ManualLog {
  const held: ManualLog['held'] = []
  const stored: Uint8Array[] = []
  let open = false
  const finish = ({ records, done }: ManualLog['held'][number], error: Error | null) => {
    if (error === null) for (const { value } of records) if (value !== null) stored.push(value)
    done(error, 0)
  }
  return {
    held,
    stored,
    append(_topic, records, done) {
      held.push({ records, done })
      if (open) setImmediate(() => this.end())
    },
    end(error = null, at = 0) {
      const [append] = held.splice(at, 1)
      if (append !== undefined) finish(append, error)
    },
    letThrough() {
      open = true
      while (held.length > 0) this.end()
    },
    subscribe: async () => ({ commit() {}, close: async () => {} }),
    read: async () => {},
    extent: async () => ({ first: 0, end: stored.length }),
    close: async () => {},
  }
}
