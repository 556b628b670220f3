/** The chart's colours, read from the page's custom properties: a canvas knows no CSS. */

import type { Severity } from '../../../libs/core/alarm/alert.ts'

export interface ChartColours {
  readonly line: string
  readonly band: string
  readonly grid: string
  readonly text: string
  readonly doubt: string
  readonly severity: Readonly<Record<Severity, string>>
}

export function readChartColours(element: Element): ChartColours {
  const style = getComputedStyle(element)
  const of = (name: string): string => style.getPropertyValue(name).trim()
  return {
    line: of('--chart-line'),
    band: of('--chart-band'),
    grid: of('--chart-grid'),
    text: of('--chart-text'),
    doubt: of('--doubt'),
    severity: { critical: of('--critical'), high: of('--high'), medium: of('--medium'), low: of('--low') },
  }
}
