/** Numbers as people read them, the same bytes on every machine: no locale data of the operating system takes part. */

import type { Text } from './alert.ts'

type Language = keyof Text

const MARKS: Readonly<Record<Language, { readonly decimal: string; readonly thousands: string }>> = {
  vi: { decimal: ',', thousands: '.' },
  en: { decimal: '.', thousands: ',' },
}
const DECIMALS = 3
const MOST_DECIMALS = 15
const LONGEST_PLAIN = 1e15

/** At most `decimals` decimals, no trailing zeros: 1234.5 is "1.234,5" in Vietnamese and "1,234.5" in English. */
export function formatNumber(value: number, language: Language, decimals = DECIMALS): string {
  const { decimal, thousands } = MARKS[language]
  if (Math.abs(value) >= LONGEST_PLAIN) return String(value).replace('.', decimal)
  const fixed = value.toFixed(decimals)
  const rounded = Number(fixed) === 0 ? '0' : fixed
  const [whole = '', fraction = ''] = rounded.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands)
  const digits = fraction.replace(/0+$/, '')
  return digits === '' ? grouped : `${grouped}${decimal}${digits}`
}

/** The value with as many decimals as it takes to tell it from the limit: "8.5 is above 8.5" says nothing. */
export function formatBeside(value: number, limit: number, language: Language, decimals = DECIMALS): string {
  for (let shown = decimals; shown <= MOST_DECIMALS; shown++) {
    const text = formatNumber(value, language, shown)
    if (value === limit || text !== formatNumber(limit, language, shown)) return text
  }
  return String(value).replace('.', MARKS[language].decimal)
}
