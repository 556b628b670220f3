/** Which device a topic of `keng/v1` names, and what for. */

import { isDeviceId } from '../device.ts'
import { TOPIC_PREFIX } from '../log/raw-record.ts'

export interface DeviceTopic {
  readonly device: string
  readonly kind: 'telemetry' | 'event'
}

const TELEMETRY = '/telemetry'
const EVENT = '/event'

/** Undefined for a topic that carries no format decode knows. */
export function deviceTopic(topic: string): DeviceTopic | undefined {
  const kind = topic.endsWith(TELEMETRY) ? 'telemetry' : topic.endsWith(EVENT) ? 'event' : undefined
  if (kind === undefined || !topic.startsWith(TOPIC_PREFIX)) return undefined
  const device = topic.slice(TOPIC_PREFIX.length, topic.length - kind.length - 1)
  return isDeviceId(device) ? { device, kind } : undefined
}
