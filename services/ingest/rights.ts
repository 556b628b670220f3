/** What a device may publish and read: its own topics, and as a gateway those of the devices registered under it. Pure. */

import { type DeviceEntry, isDeviceId } from '../../libs/core/device.ts'
import { TOPIC_PREFIX } from '../../libs/core/log/raw-record.ts'

/** What a publish to a topic is: an uplink goes to the log, a status is retained, anything else is refused. */
export type PublishRight = 'uplink' | 'status' | 'refused'

type Lookup = (device: string) => Pick<DeviceEntry, 'gateway'> | undefined

/** Splits `keng/v1/{device}/{kind}`; null where the topic is of another form. */
export function parseTopic(topic: string): { device: string; kind: string } | null {
  if (!topic.startsWith(TOPIC_PREFIX)) return null
  const slash = topic.indexOf('/', TOPIC_PREFIX.length)
  if (slash < 0) return null
  const device = topic.slice(TOPIC_PREFIX.length, slash)
  return isDeviceId(device) ? { device, kind: topic.slice(slash + 1) } : null
}

const mayActFor = (publisher: string, device: string, lookup: Lookup): boolean =>
  device === publisher || lookup(device)?.gateway === publisher

export function publishRight(publisher: string, topic: string, lookup: Lookup): PublishRight {
  const parsed = parseTopic(topic)
  if (parsed === null || !mayActFor(publisher, parsed.device, lookup)) return 'refused'
  switch (parsed.kind) {
    case 'telemetry':
    case 'event':
      return 'uplink'
    case 'status':
      return 'status'
    default:
      return 'refused'
  }
}

/** A filter must name one of these topics to the letter: no wildcard passes, whatever a device is called. */
export function maySubscribe(subscriber: string, filter: string, lookup: Lookup): boolean {
  const parsed = parseTopic(filter)
  if (parsed === null || !mayActFor(subscriber, parsed.device, lookup)) return false
  return parsed.kind === 'rejected' || parsed.kind === 'status'
}
