/** Numbers as people of each language write them: 1.234,5 in Vietnamese, 1,234.5 in English. */

import type { Language } from '../words/words.ts'

const formats = new Map<string, Intl.NumberFormat>()

function formatOf(language: Language, digits: number): Intl.NumberFormat {
  const key = `${language}${digits}`
  let format = formats.get(key)
  if (format === undefined) {
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
    format = new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB', options)
    formats.set(key, format)
  }
  return format
}

/** Always the same number of decimals, so that a value that changes does not move its neighbours. A minus is a real one. */
export function formatNumber(value: number, digits: number, language: Language): string {
  const text = formatOf(language, digits).format(value)
  return text === formatOf(language, digits).format(-0) ? formatOf(language, digits).format(0) : text.replace('-', '−')
}

/** Whole numbers: counts. */
export const formatCount = (value: number, language: Language): string => formatNumber(value, 0, language)

/** Decimals that show three significant digits or so, for channels whose usual step is not known. */
export function usualDigits(value: number): number {
  const size = Math.abs(value)
  if (size >= 100) return 0
  return size >= 10 ? 1 : 2
}

/** Decimals that a step of this size needs: 0.01 → 2, 5 → 0. */
export const digitsOfStep = (step: number): number => Math.min(4, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))
