/** What is drawn beside the curve: alerts as shaded spans, doubtful points as rings, refused ones as crosses. */

import type uPlot from 'uplot'
import type { ChartColumns } from '../model/chart-columns.ts'
import { isBeside, isMarked } from '../model/chart-columns.ts'
import { SEVERITY_RANK } from '../model/judge-station.ts'
import type { AlertSpan } from '../state/chart-store.ts'
import type { ChartColours } from './chart-colours.ts'

/** Beneath the curve. A span has a strong edge where the alert opened. */
export function drawSpans(u: uPlot, spans: readonly AlertSpan[], colours: ChartColours, now: number): void {
  const { ctx, bbox } = u
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  // The worst last, each on cleared ground: mixed colours would mean nothing.
  const worstLast = [...spans].sort((a, b) => SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity])
  for (const { severity, from, to } of worstLast) {
    const left = u.valToPos(from / 1000, 'x', true)
    const right = u.valToPos((to ?? now) / 1000, 'x', true)
    const width = Math.max(right - left, 2 * devicePixelRatio)
    ctx.clearRect(left, bbox.top, width, bbox.height)
    ctx.fillStyle = colours.severity[severity]
    ctx.globalAlpha = 0.13
    ctx.fillRect(left, bbox.top, width, bbox.height)
    ctx.globalAlpha = 0.8
    ctx.fillRect(left, bbox.top, 2 * devicePixelRatio, bbox.height)
  }
  ctx.restore()
}

/** Above the curve. A refused point outside of the axis is drawn at its edge. */
export function drawPoints(u: uPlot, columns: ChartColumns, colours: ChartColours): void {
  const { ctx, bbox } = u
  const size = 4 * devicePixelRatio
  ctx.save()
  ctx.lineWidth = 2 * devicePixelRatio
  ctx.strokeStyle = colours.doubt
  for (const [index, point] of columns.points.entries()) {
    if (point === null || !(isBeside(point) || isMarked(point))) continue
    const x = u.valToPos(columns.x[index] ?? 0, 'x', true)
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    const y = Math.min(Math.max(u.valToPos(point.value, 'y', true), bbox.top + size), bbox.top + bbox.height - size)
    ctx.beginPath()
    if (isBeside(point)) {
      ctx.moveTo(x - size, y - size)
      ctx.lineTo(x + size, y + size)
      ctx.moveTo(x + size, y - size)
      ctx.lineTo(x - size, y + size)
    } else {
      ctx.arc(x, y, size, 0, 2 * Math.PI)
    }
    ctx.stroke()
  }
  ctx.restore()
}
