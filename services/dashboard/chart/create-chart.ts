/** One uPlot chart of one value. Everything it says in words comes in as functions. */

import uPlot from 'uplot'
import type { ChartColumns, ChartPoint } from '../model/chart-columns.ts'
import { axisRange, chartColumns } from '../model/chart-columns.ts'
import { windowStart } from '../model/chart-question.ts'
import { localMidnight, minuteWords, PAGE_TIME_ZONE } from '../model/clock-words.ts'
import type { AlertSpan } from '../state/chart-store.ts'
import type { ChartColours } from './chart-colours.ts'
import { drawPoints, drawSpans } from './draw-marks.ts'

export interface ChartOptions {
  readonly spanMs: number
  readonly everyMs: number
  /** What the station promises; 0 where it promises nothing. */
  readonly expectedMs: number
  /** Step of the channel, for a flat curve. */
  readonly step: number
  readonly boolean: boolean
  readonly colours: ChartColours
  readonly now: () => number
  readonly formatAxis: (value: number, step: number) => string
  readonly formatDay: (ms: number) => string
  /** The point under the cursor and where it is, in CSS pixels of the plot; null when there is none. */
  readonly onPoint: (point: ChartPoint | null, left: number, plot: uPlot) => void
}

export interface Chart {
  /** `beginsAt`: when the channel was first measured, if that is within the span, else null. */
  draw(points: readonly ChartPoint[], spans: readonly AlertSpan[], beginsAt: number | null): void
  resize(width: number, height: number): void
  /** Moves the cursor by so many points; from the newest one when there is no cursor. */
  step(by: number): void
  leave(): void
  destroy(): void
}

const FONT = '13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif'
/** Steps of the value axis whose labels need no more decimals than they show: not 0.025. */
const VALUE_STEPS = [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6].flatMap((power) =>
  [1, 2, 5].map((digit) => Number(`${digit}e${power}`)),
)
const EMPTY: ChartColumns = chartColumns([], 0, 0)

export function createChart(parent: HTMLElement, options: ChartOptions): Chart {
  const { colours } = options
  let columns = EMPTY
  let spans: readonly AlertSpan[] = []
  let beginsAt: number | null = null

  const timeWords = (splits: readonly number[]): string[] =>
    splits.map((seconds) => {
      const ms = seconds * 1000
      return localMidnight(ms) === ms ? options.formatDay(ms) : minuteWords(ms)
    })

  const grid = { stroke: colours.grid, width: 1 }
  const axis: uPlot.Axis = { stroke: colours.text, font: FONT, grid, ticks: { show: false } }
  const timeAxis: uPlot.Axis = { ...axis, space: 64, size: 30, values: (_, splits) => timeWords(splits) }
  const valueAxis: uPlot.Axis = {
    ...axis,
    space: 38,
    incrs: VALUE_STEPS,
    size: 58,
    ...(options.boolean ? { splits: () => [0, 1] } : {}),
    values: (_, splits, _axis, _space, step) => splits.map((value) => options.formatAxis(value, step)),
  }
  const hidden = { stroke: 'transparent', points: { show: false } }
  const plot = new uPlot(
    {
      width: Math.max(parent.clientWidth, 200),
      height: Math.max(parent.clientHeight, 120),
      padding: [10, 14, 0, 0],
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), PAGE_TIME_ZONE),
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 9, width: 2 } },
      scales: {
        x: {
          time: true,
          range: () => [windowStart(options.spanMs, beginsAt, options.now()) / 1000, options.now() / 1000],
        },
        y: { range: () => (options.boolean ? [-0.1, 1.1] : axisRange(columns.range, options.step)) },
      },
      axes: [timeAxis, valueAxis],
      series: [
        {},
        hidden,
        hidden,
        {
          stroke: colours.line,
          width: 2,
          points: {
            show: (u, _series, from, to) => to - from < u.bbox.width / devicePixelRatio / 14,
            size: 5,
            fill: colours.line,
          },
          ...(options.boolean && uPlot.paths.stepped !== undefined ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
        },
      ],
      bands: [{ series: [2, 1], fill: colours.band }],
      hooks: {
        drawClear: [(u) => drawSpans(u, spans, colours, options.now())],
        draw: [(u) => drawPoints(u, columns, colours)],
        setCursor: [
          (u) => {
            const index = u.cursor.idx
            const point = index === null || index === undefined ? null : (columns.points[index] ?? null)
            options.onPoint(point, point === null ? 0 : u.valToPos(point.ts / 1000, 'x'), u)
          },
        ],
      },
    },
    [columns.x, columns.low, columns.high, columns.value],
    parent,
  )

  function moveTo(index: number): void {
    const point = columns.points[index]
    if (point === null || point === undefined) return
    plot.setCursor({ left: plot.valToPos(point.ts / 1000, 'x'), top: plot.valToPos(point.value, 'y') })
  }

  return {
    draw(points, nextSpans, nextBegin) {
      spans = nextSpans
      beginsAt = nextBegin
      columns = chartColumns(points, options.expectedMs, options.everyMs)
      plot.setData([columns.x, columns.low, columns.high, columns.value])
    },
    resize: (width, height) => plot.setSize({ width, height }),
    step(by) {
      const last = columns.points.length - 1
      let index = plot.cursor.idx ?? last + (by < 0 ? 1 : 0)
      do index += by
      while (index >= 0 && index <= last && columns.points[index] === null)
      moveTo(Math.min(Math.max(index, 0), last))
    },
    leave: () => plot.setCursor({ left: -10, top: -10 }),
    destroy: () => plot.destroy(),
  }
}
