/** Reads what the raw log of a stopped server holds, without the server: the witness of order. */

import { createSegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import { decodeRaw } from '../../libs/core/log/raw-record.ts'
import { createSystemClock } from '../../libs/runtime/system-clock.ts'

/** Sequence numbers by device, each at its first place in the log, in log order. */
export async function readSequences(dir: string): Promise<Map<string, number[]>> {
  const log = await createSegmentEventLog({ dir, clock: createSystemClock() })
  const sequences = new Map<string, number[]>()
  const seen = new Set<string>()
  await log.read('keng.raw.v1', ({ value }) => {
    const record = value === null ? null : decodeRaw(value)
    if (record?.kind !== 'message') return
    const { seq } = JSON.parse(record.payload.toString()) as { seq: number }
    const key = `${record.publisher}/${seq}`
    if (seen.has(key)) return
    seen.add(key)
    const sequence = sequences.get(record.publisher)
    if (sequence === undefined) sequences.set(record.publisher, [seq])
    else sequence.push(seq)
  })
  await log.close()
  return sequences
}
