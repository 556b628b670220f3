/** Reads what the raw log of a stopped server holds, without the server: the witness of order. */

import { createSegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import { decodeRaw, type RawRecord } from '../../libs/core/log/raw-record.ts'
import { createSystemClock } from '../../libs/runtime/system-clock.ts'

async function readRecords(dir: string, onRecord: (record: RawRecord, time: number) => void): Promise<void> {
  const log = await createSegmentEventLog({ dir, clock: createSystemClock() })
  await log.read('keng.raw.v1', ({ value, time }) => {
    if (value !== null) onRecord(decodeRaw(value), time)
  })
  await log.close()
}

/** Log times of all records, epoch milliseconds, in log order. */
export async function readTimes(dir: string): Promise<number[]> {
  const times: number[] = []
  await readRecords(dir, (_record, time) => void times.push(time))
  return times
}

/** By how many milliseconds the clock was set, each time. */
export async function readClockSteps(dir: string): Promise<number[]> {
  const steps: number[] = []
  await readRecords(dir, (record) => {
    if (record.kind === 'clock-step') steps.push(record.steppedBy)
  })
  return steps
}

/** Sequence numbers by device, each at its first place in the log, in log order. */
export async function readSequences(dir: string): Promise<Map<string, number[]>> {
  const sequences = new Map<string, number[]>()
  const seen = new Set<string>()
  await readRecords(dir, (record) => {
    if (record.kind !== 'message') return
    const { seq } = JSON.parse(record.payload.toString()) as { seq: number }
    const key = `${record.publisher}/${seq}`
    if (seen.has(key)) return
    seen.add(key)
    const sequence = sequences.get(record.publisher)
    if (sequence === undefined) sequences.set(record.publisher, [seq])
    else sequence.push(seq)
  })
  return sequences
}
