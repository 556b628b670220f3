/** Decode's first phase for telemetry: bytes to items with their series, their clock judged, and what to ask the store. */

import type { RawMessage } from '../log/raw-record.ts'
import { FLAG, type Reading } from '../reading.ts'
import { type DeviceState, type SeriesState, seriesOf } from './device-state.ts'
import { itemRanges } from './item-ranges.ts'
import { decodeTelemetry, type TelemetryItem } from './native-telemetry.ts'
import { type Gathered, isSuspect, STAMP_TRIES, type Stamp } from './pending.ts'
import type { Refusal } from './refusal.ts'
import type { LogPlace } from './refused-messages.ts'
import { judgeSequence, markSequence, type SequenceVerdict } from './sequence-window.ts'

/** Reads a telemetry message of a registered device; its readings will go to `readings`. True where some of it came live. */
export function readItems(
  place: LogPlace,
  message: RawMessage,
  device: DeviceState,
  gathered: Gathered,
  readings: Reading[],
): boolean {
  const { payload, receivedAt } = message
  const items = decodeTelemetry(payload, device.timeZone)
  const first = items[0]
  if (items.length === 1 && first !== undefined) {
    return readItem(first, receivedAt, device, gathered, readings, (refused) =>
      gathered.refused.add(place, message, device.id, refused, payload),
    )
  }
  let ranges: readonly Buffer[] | undefined
  let isLive = false
  items.forEach((item, index) => {
    const live = readItem(item, receivedAt, device, gathered, readings, (refused) => {
      ranges ??= itemRanges(payload)
      gathered.refused.add(place, message, device.id, refused, ranges[index] ?? payload)
    })
    isLive ||= live
  })
  return isLive
}

function readItem(
  item: TelemetryItem,
  receivedAt: number,
  device: DeviceState,
  gathered: Gathered,
  readings: Reading[],
  refuse: (refused: readonly Refusal[]) => void,
): boolean {
  const claimed = item.ts === 'absent' ? undefined : item.ts
  const verdict = item.boot === undefined ? undefined : judgeSequence(device.boots, item.boot, item.seq, claimed)
  const ts = claimed ?? receivedAt
  const clock = claimed === undefined ? 'arrival' : isSuspect(ts, receivedAt) ? 'suspect' : 'good'
  const isLate = clock === 'good' && receivedAt - ts > device.lateAfter
  if (verdict === 'seen' && item.names.length > 0) {
    gathered.count(device.id, receivedAt, 'duplicate')
    return !isLate
  }
  const { series, values, refused } = resolve(item, device, gathered)
  if (refused.length > 0) refuse(refused)
  if (series.length === 0) {
    gathered.count(device.id, receivedAt, 'rejected')
    return false
  }
  gathered.touch(device)
  if (item.boot !== undefined) markSequence(device.boots, item.boot, item.seq, claimed)
  const suspectFlag = clock === 'suspect' ? FLAG['clock-suspect'] : 0
  gathered.items.push({
    device: device.id,
    receivedAt,
    ts,
    clock,
    flags: device.flags | item.status | suspectFlag | (isLate ? FLAG.late : 0),
    series,
    values,
    asked: clock === 'good' ? askPoints(series, ts, gathered) : undefined,
    stamps: clock === 'good' ? undefined : askStamps(series, ts, clock, verdict, receivedAt, gathered),
    hasRefused: refused.length > 0,
    readings,
  })
  return !isLate
}

interface Resolved {
  readonly series: readonly SeriesState[]
  readonly values: readonly number[]
  readonly refused: readonly Refusal[]
}

function resolve(item: TelemetryItem, device: DeviceState, gathered: Gathered): Resolved {
  const { names } = item
  const series = new Array<SeriesState>(names.length)
  for (let index = 0; index < names.length; index++) {
    const known = device.names.get(names[index] ?? '')
    if (known === undefined) return resolveSlowly(item, device, gathered)
    series[index] = known
  }
  return { series, values: item.values, refused: item.refused }
}

/** The same where a name is new or cannot be used: its value is then left out and refused. */
function resolveSlowly(item: TelemetryItem, device: DeviceState, gathered: Gathered): Resolved {
  const series: SeriesState[] = []
  const values: number[] = []
  const refused = [...item.refused]
  item.names.forEach((name, index) => {
    const found = device.names.get(name) ?? seriesOf(device, name, gathered.createSeries)
    if ('code' in found) {
      refused.push(found)
      return
    }
    series.push(found)
    values.push(item.values[index] ?? Number.NaN)
  })
  return { series, values, refused }
}

function enter(series: SeriesState, batch: number): void {
  if (series.batch === batch) return
  series.batch = batch
  series.baseTs = series.highWater
  series.baseValue = series.highValue
}

/** Only a point before the high-water mark has to be asked for: the one at it is known, a later one is new. */
function askPoints(all: readonly SeriesState[], ts: number, gathered: Gathered): readonly number[] | undefined {
  let asked: number[] | undefined
  for (let index = 0; index < all.length; index++) {
    const series = all[index]
    if (series === undefined) continue
    enter(series, gathered.batch)
    if (ts >= series.baseTs) continue
    asked ??= new Array<number>(all.length).fill(-1)
    asked[index] = gathered.questions.length
    gathered.questions.push({ series: series.id, ts })
  }
  return asked
}

/** Makes a time that no device can claim: theirs are whole milliseconds. Else the next good reading could fall on it and replace it. */
const HALF_MS = 0.5

function askStamps(
  all: readonly SeriesState[],
  claimed: number,
  clock: 'suspect' | 'arrival',
  verdict: SequenceVerdict | undefined,
  receivedAt: number,
  { batch, questions }: Gathered,
): readonly Stamp[] {
  return all.map((series) => {
    enter(series, batch)
    const ts = Math.max(clock === 'suspect' ? receivedAt + HALF_MS : receivedAt, series.stamped + 1)
    series.stamped = ts
    // A number seen for the first time says that this is no repetition, whatever the clock claims.
    const asksClaim = clock === 'suspect' && series.suspects && verdict !== 'new'
    const claim = asksClaim ? questions.push({ series: series.id, ts: claimed, claimed: true }) - 1 : -1
    const free = questions.length
    for (let at = ts; at < ts + STAMP_TRIES && at < series.baseTs; at++) questions.push({ series: series.id, ts: at })
    if (clock === 'suspect') series.suspects = true
    return { ts, claim, free }
  })
}
