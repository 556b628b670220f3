/** Gathers messages of one device into arrays that the broker takes. */

import type { RecordedMessage } from './row-reader.ts'

/** A packet ready to send, and how many messages it holds. */
export interface Batch {
  readonly payload: string
  readonly messages: number
}

export interface DeviceBatches {
  /** Adds a message; answers with a batch that is full, or null. */
  add(message: RecordedMessage): Batch | null
  /** What is left, or null. */
  flush(): Batch | null
}

/** Below the 256 KiB of a packet (contract.md, section 1), with a margin for topic and header. */
const MOST_BYTES = 240 * 1024

/** No boot and no seq: a recording's identity is (channel, ts), so a second replay adds duplicates and nothing else. */
export function createDeviceBatches(mostMessages: number): DeviceBatches {
  let texts: string[] = []
  let bytes = 0

  const flush = (): Batch | null => {
    if (texts.length === 0) return null
    const batch = { payload: texts.length === 1 ? texts.join('') : `[${texts.join(',')}]`, messages: texts.length }
    texts = []
    bytes = 0
    return batch
  }

  return {
    flush,
    add({ ts, values }) {
      const text = JSON.stringify({ ts, values })
      const size = Buffer.byteLength(text) + 1
      const full = bytes + size > MOST_BYTES ? flush() : null
      texts.push(text)
      bytes += size
      return full ?? (texts.length >= mostMessages ? flush() : null)
    },
  }
}
