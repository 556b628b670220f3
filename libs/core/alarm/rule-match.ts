/** Which devices a rule holds for, and what of a rule decides when it alarms. */

import { createHash } from 'node:crypto'

import type { DeviceEntry } from '../device.ts'
import { type AlertRule, DEFAULT_AFTER_INTERVALS, type NoDataRule } from './rule.ts'

const MS_PER_SECOND = 1000

export function selects(rule: AlertRule, device: DeviceEntry): boolean {
  const { select } = rule
  if (select === undefined) return true
  if (select.devices !== undefined && !select.devices.includes(device.id)) return false
  if (select.cells !== undefined && !select.cells.includes(device.cell)) return false
  return select.profiles === undefined || (device.profile !== undefined && select.profiles.includes(device.profile))
}

/** Silence that a no-data rule allows this device, in milliseconds; null where it cannot know. */
export function allowedSilenceMs(rule: NoDataRule, device: DeviceEntry): number | null {
  if (rule.afterSeconds !== undefined) return rule.afterSeconds * MS_PER_SECOND
  const interval = device.expectedIntervalSeconds
  return interval === undefined ? null : interval * (rule.afterIntervals ?? DEFAULT_AFTER_INTERVALS) * MS_PER_SECOND
}

/**
 * Changes exactly when the rule would decide otherwise: texts and sources are left out, so that mending a word ends no
 * alert. Twelve hexadecimal digits.
 */
export function ruleHash(rule: AlertRule): string {
  const { select } = rule
  const facts: unknown[] = [rule.id, rule.kind, rule.severity, select?.devices, select?.profiles, select?.cells]
  if (rule.kind === 'threshold') {
    facts.push(rule.channel, rule.above, rule.below, rule.deadband ?? 0, rule.onDelaySeconds ?? 0, rule.ignore ?? [])
  } else {
    facts.push(rule.afterSeconds ?? null, rule.afterIntervals ?? DEFAULT_AFTER_INTERVALS)
  }
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12)
}
