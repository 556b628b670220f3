/** The value under the chart's cursor: time of day in Vietnam, value, extremes of a bucket, doubts. */

import type { ReadonlySignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { ChartPoint } from '../model/chart-columns.ts'
import { minuteWords, secondWords, whenWords } from '../model/clock-words.ts'
import { doubtsOf } from '../model/judge-flags.ts'
import { usePage } from './page-context.ts'

interface ChartTipProps {
  readonly tip: ReadonlySignal<{ readonly point: ChartPoint; readonly left: number; readonly width: number } | null>
  readonly format: (value: number) => string
}

export function ChartTip({ tip, format }: ChartTipProps) {
  const { words, language, now } = usePage()
  const box = useRef<HTMLDivElement>(null)
  const at = tip.value

  // Set on the style object, because the page's security policy refuses style attributes.
  useLayoutEffect(() => {
    const element = box.current
    if (element === null || at === null) return
    const half = element.offsetWidth / 2
    element.style.transform = `translateX(${Math.round(Math.min(Math.max(at.left - half, 0), at.width - 2 * half))}px)`
  })

  if (at === null) return <div class="tip" ref={box} data-shown={false} role="status" />
  const { point } = at
  const doubts = doubtsOf(point.flags).map((flag) => words.value.flags[flag])
  return (
    <div class="tip" ref={box} data-shown={true} role="status">
      <span class="tip-time">
        {whenWords(point.ts, now.peek(), language.value, point.raw ? secondWords : minuteWords)}
      </span>
      <strong>{format(point.value)}</strong>
      {point.low !== point.high && <span>{words.value.range(format(point.low), format(point.high))}</span>}
      {doubts.length > 0 && <span class="doubt">{doubts.join(', ')}</span>}
    </div>
  )
}
