/** Follows a process' memory while something runs. */

import { median } from './median.ts'
import { memoryOf } from './process-usage.ts'

export interface MemorySamples {
  readonly startMb: number
  readonly endMb: number
  readonly peakMb: number
  /** Median of the second half. */
  readonly settledMb: number
  /** Slope of a line through the second half of the samples, MB a minute: the first half is warming up. */
  readonly slopeMbPerMinute: number
}

const SAMPLE_MS = 1_000

export async function sampleMemory<T>(pid: number, running: Promise<T>): Promise<[result: T, memory: MemorySamples]> {
  const start = performance.now()
  const samples: [minutes: number, mb: number][] = []
  const sample = () => {
    samples.push([(performance.now() - start) / 60_000, memoryOf(pid).rssMb])
  }
  sample()
  const timer = setInterval(sample, SAMPLE_MS)
  try {
    const result = await running
    sample()
    const mb = samples.map(([, value]) => value)
    return [
      result,
      {
        startMb: mb[0] ?? 0,
        endMb: mb.at(-1) ?? 0,
        peakMb: Math.max(...mb),
        settledMb: median(mb.slice(Math.floor(mb.length / 2))),
        slopeMbPerMinute: slope(samples.slice(Math.floor(samples.length / 2))),
      },
    ]
  } finally {
    clearInterval(timer)
  }
}

/** Least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return variance === 0 ? 0 : covariance / variance
}
