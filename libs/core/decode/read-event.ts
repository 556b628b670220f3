/** Decode's first phase for events: they need no answer of the store and are settled here. */

import type { RawMessage } from '../log/raw-record.ts'
import { FLAG } from '../reading.ts'
import type { DeviceEvent } from './decoded.ts'
import { type DeviceState, MAX_EVENT_IDENTITIES } from './device-state.ts'
import { decodeEvent } from './native-event.ts'
import { type Gathered, isSuspect } from './pending.ts'
import type { LogPlace } from './refused-messages.ts'

/** Reads an event of a registered device; a new one goes to `events`. True where it came live. */
export function readEvent(
  place: LogPlace,
  message: RawMessage,
  device: DeviceState,
  gathered: Gathered,
  events: DeviceEvent[],
): boolean {
  const { partition, offset } = place
  const { receivedAt, payload } = message
  const item = decodeEvent(payload, device.timeZone)
  if ('code' in item) {
    gathered.refused.add(place, message, device.id, [item], payload)
    gathered.count(device.id, receivedAt, 'rejected')
    return false
  }
  if (item.refused.length > 0) gathered.refused.add(place, message, device.id, item.refused, payload)
  const ts = item.ts === 'absent' ? receivedAt : item.ts
  const suspect = isSuspect(ts, receivedAt)
  const isLate = !suspect && receivedAt - ts > device.lateAfter
  if (item.identity !== undefined && device.events.has(item.identity)) {
    gathered.count(device.id, receivedAt, 'duplicate')
    return !isLate
  }
  gathered.count(device.id, receivedAt, 'stored')
  remember(device, item.identity, gathered)
  events.push({
    partition,
    offset,
    device: device.id,
    ...(item.id === undefined ? {} : { id: item.id }),
    identity: item.identity ?? `${partition}-${offset}`,
    kind: item.kind,
    ts: suspect ? receivedAt : ts,
    receivedAt,
    flags: device.flags | (suspect ? FLAG['clock-suspect'] : 0) | (isLate ? FLAG.late : 0),
    ...(suspect ? { claimedTs: ts } : {}),
    ...item.details,
  })
  return !isLate
}

function remember(device: DeviceState, identity: string | undefined, gathered: Gathered): void {
  if (identity === undefined) return
  device.events.add(identity)
  const [oldest] = device.events
  if (device.events.size > MAX_EVENT_IDENTITIES && oldest !== undefined) device.events.delete(oldest)
  gathered.touch(device)
}
