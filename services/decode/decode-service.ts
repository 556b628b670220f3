/** Follows the raw log and hands on what decode makes of it, batch by batch, in order. */

import type { DecodedBatch } from '../../libs/core/decode/decoded.ts'
import type { Decoder } from '../../libs/core/decode/decoder.ts'
import type { EventLog, Subscription } from '../../libs/ports/event-log.ts'
import type { PointKey } from '../../libs/ports/reading-store.ts'

export interface DecodeServiceDeps {
  readonly log: EventLog
  readonly decoder: Decoder
  /** Stored values at points that may be known already, committed or not. */
  readonly find: (points: readonly PointKey[]) => Promise<readonly (number | undefined)[]>
  /** Told before and after each batch: in between the decoder's memory is not that of a whole number of batches. */
  readonly gate: { enter(): void; leave(): void }
  /** The next batch is read when it resolves. */
  readonly onDecoded: (batch: DecodedBatch) => Promise<void>
  readonly onFailed: (error: Error) => void
}

export interface DecodeService {
  /** Begins at the offset that the decoder's memory belongs to. */
  start(offset: number): Promise<void>
  /** Everything before this offset may be removed from the log. */
  commit(offset: number): void
  /** Resolves when the batch in hand is finished. May be called twice. */
  stop(): Promise<void>
  /** Offset up to which is decoded. */
  readonly position: number
}

/** Small enough that alerts of a batch are decided within some milliseconds, large enough to spread the costs of a batch. */
const BATCH_BYTES = 512 * 1024

export function createDecodeService(deps: DecodeServiceDeps): DecodeService {
  const { log, decoder, find, gate, onDecoded, onFailed } = deps
  let subscription: Subscription | null = null
  let position = 0
  return {
    async start(offset) {
      position = offset
      subscription = await log.subscribe(
        'keng.raw.v1',
        { group: 'decode', from: () => offset, maxBytes: BATCH_BYTES },
        async ({ records }) => {
          gate.enter()
          try {
            const points = decoder.begin(records)
            const batch = decoder.finish(points.length === 0 ? [] : await find(points))
            position = batch.next
            await onDecoded(batch)
          } finally {
            gate.leave()
          }
        },
        onFailed,
      )
    },
    commit: (offset) => subscription?.commit(0, offset),
    async stop() {
      await subscription?.close()
    },
    get position() {
      return position
    },
  }
}
