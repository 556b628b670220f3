import { expect, test } from 'vitest'
import { maySubscribe, publishRight } from '../../../../services/ingest/rights.ts'

const registry: Record<string, { gateway?: string }> = { gw: {}, 'ws-1': { gateway: 'gw' }, 'ws-2': {} }
const lookup = (device: string) => registry[device]

test.each([
  ['ws-2', 'keng/v1/ws-2/telemetry', 'uplink'],
  ['ws-2', 'keng/v1/ws-2/event', 'uplink'],
  ['ws-2', 'keng/v1/ws-2/status', 'status'],
  ['gw', 'keng/v1/ws-1/telemetry', 'uplink'],
  ['gw', 'keng/v1/ws-2/telemetry', 'refused'],
  ['ws-1', 'keng/v1/gw/telemetry', 'refused'],
  ['ws-2', 'keng/v1/ws-2/rejected', 'refused'],
  ['ws-2', 'keng/v1/ws-2/telemetry/extra', 'refused'],
  ['ws-2', 'keng/v1/WS-2/telemetry', 'refused'],
  ['ws-2', 'keng/v1/ws-2', 'refused'],
  ['ws-2', 'Keng/v1/ws-2/telemetry', 'refused'],
  ['ws-2', '$SYS/x', 'refused'],
  ['constructor', 'keng/v1/__proto__/telemetry', 'refused'],
])('%s publishing to %s is %s', (publisher, topic, right) => {
  expect(publishRight(publisher, topic, lookup)).toBe(right)
})

test.each([
  ['ws-2', 'keng/v1/ws-2/rejected', true],
  ['ws-2', 'keng/v1/ws-2/status', true],
  ['gw', 'keng/v1/ws-1/rejected', true],
  ['ws-2', 'keng/v1/ws-1/rejected', false],
  ['ws-2', 'keng/v1/+/rejected', false],
  ['ws-2', 'keng/v1/ws-2/#', false],
  ['ws-2', '#', false],
  ['ws-2', '$SYS/#', false],
  ['ws-2', '$share/g/keng/v1/ws-2/rejected', false],
])('%s subscribing to %s: %s', (device, filter, allowed) => {
  expect(maySubscribe(device, filter, lookup)).toBe(allowed)
})
