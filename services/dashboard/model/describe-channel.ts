/** What people see of a channel: its name, its unit and how many decimals. */

import { CATALOGUE, channelOf } from '../../../libs/core/catalogue/channels.ts'
import type { Language } from '../words/words.ts'
import { digitsOfStep, formatNumber, usualDigits } from './format-number.ts'

export interface ChannelWords {
  readonly name: string
  /** As shown after the value; empty for pH, booleans and unknown channels. */
  readonly unit: string
  /** Decimals, or null where the channel's usual step is not known. */
  readonly digits: number | null
}

/** A unit that the name says already. */
const SAID_BY_NAME = new Set(['pH'])

export function describeChannel(channel: string, wireUnit: string | null, language: Language): ChannelWords {
  const known = channelOf(channel)
  if (known === undefined)
    return { name: channel, unit: wireUnit === null || wireUnit === 'bool' ? '' : wireUnit, digits: null }
  return {
    name: known[language],
    unit: SAID_BY_NAME.has(known.shown) ? '' : known.shown,
    digits: digitsOfStep(known.step),
  }
}

const rank = new Map([...CATALOGUE.keys()].map((channel, index) => [channel, index]))

/** In the catalogue's order; unknown channels by name behind it. */
export function compareChannels(a: string, b: string): number {
  return (rank.get(a) ?? rank.size) - (rank.get(b) ?? rank.size) || (a < b ? -1 : 1)
}

/** Of the station's box, not of what it measures: battery, radio. */
export const isOfBox = (channel: string): boolean => channel.startsWith('device.')

/** The value alone, without its unit. */
export function formatValue(
  value: number | boolean,
  about: ChannelWords,
  language: Language,
  yesNo: { yes: string; no: string },
): string {
  if (typeof value === 'boolean') return value ? yesNo.yes : yesNo.no
  return formatNumber(value, about.digits ?? usualDigits(value), language)
}

/** «7,20» or «32,1 NTU», with a space that does not break. */
export const withUnit = (text: string, unit: string): string => (unit === '' ? text : `${text}\u00a0${unit}`)
