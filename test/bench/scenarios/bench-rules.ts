/** Rules for measuring alerts: one for each channel of the load, which find nothing, and one that is crossed on purpose. */

import type { AlertRule } from '../../../libs/core/alarm/rule.ts'

/** The channel that only the alert devices have, and values on both sides of its limit. */
export const CROSSING = { channel: 'water.cod', normal: 50, beyond: 150 } as const

const threshold = (channel: string, above: number): AlertRule => ({
  kind: 'threshold',
  id: `bench-${channel.replaceAll('_', '-')}`,
  // Low severity closes when the value returns, so that the next crossing is an alert of its own.
  severity: 'low',
  message: { vi: '{channel} {value}', en: '{channel} {value}' },
  channel,
  above,
  deadband: 0,
  onDelaySeconds: 0,
  source: { document: 'bench', confirmed: false },
})

export const benchRules = () => ({
  version: 1,
  rules: [
    threshold('water.ph', 9),
    threshold('water.turbidity', 100),
    threshold('water.dissolved_oxygen', 19),
    threshold('water.temperature', 45),
    threshold('device.battery', 99.9),
    threshold(CROSSING.channel, 100),
  ],
})
