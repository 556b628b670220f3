/** Fills the placeholders of a rule's message when an alert opens. */

import { channelOf } from '../catalogue/channels.ts'
import type { DeviceEntry } from '../device.ts'
import type { Text } from './alert.ts'
import { formatBeside, formatNumber } from './format-number.ts'
import type { NoDataRule, ThresholdRule } from './rule.ts'

const MS_PER_MINUTE = 60_000

const nameOf = (device: DeviceEntry): string => device.name ?? device.id

// One pass over the template: what a device's name holds in braces stays as it is.
const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  )

function inBoth(message: Text, valuesIn: (language: keyof Text) => Record<string, string>): Text {
  return { vi: fill(message.vi, valuesIn('vi')), en: fill(message.en, valuesIn('en')) }
}

/** Decimals that are worth showing of this channel; undefined for one that is not in the catalogue. */
function decimalsOf(channel: string): number | undefined {
  const step = channelOf(channel)?.step
  return step === undefined ? undefined : Math.max(0, Math.ceil(-Math.log10(step)))
}

export function thresholdText(rule: ThresholdRule, device: DeviceEntry, value: number): Text {
  const limit = rule.above ?? rule.below ?? 0
  const decimals = decimalsOf(rule.channel)
  return inBoth(rule.message, (language) => ({
    value: formatBeside(value, limit, language, decimals),
    limit: formatNumber(limit, language),
    unit: channelOf(rule.channel)?.shown ?? '',
    device: nameOf(device),
    channel: rule.channel,
  }))
}

export function noDataText(rule: NoDataRule, device: DeviceEntry, silenceMs: number): Text {
  return inBoth(rule.message, (language) => ({
    device: nameOf(device),
    minutes: formatNumber(silenceMs / MS_PER_MINUTE, language, 1),
  }))
}
