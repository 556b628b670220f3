/** Latencies in buckets one percent wide: as many samples as there are, in memory that does not grow. */

export interface LatencyHistogram {
  record(milliseconds: number): void
  /** Upper end of the bucket that holds this share of the samples, in milliseconds; NaN without samples. */
  quantile(share: number): number
  readonly max: number
  readonly count: number
}

const SMALLEST_MS = 0.001
const GROWTH = Math.log(1.01)
/** Up to about two hours. */
const BUCKETS = 2_300

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Float64Array(BUCKETS)
  let count = 0
  let max = 0
  return {
    record(milliseconds) {
      const bucket = Math.ceil(Math.log(Math.max(milliseconds, SMALLEST_MS) / SMALLEST_MS) / GROWTH)
      const at = Math.min(bucket, BUCKETS - 1)
      counts[at] = (counts[at] ?? 0) + 1
      count++
      if (milliseconds > max) max = milliseconds
    },
    quantile(share) {
      if (count === 0) return Number.NaN
      let left = Math.ceil(share * count)
      for (let at = 0; at < BUCKETS; at++) {
        left -= counts[at] ?? 0
        if (left <= 0) return Math.min(max, SMALLEST_MS * Math.exp(at * GROWTH))
      }
      return max
    },
    get max() {
      return max
    },
    get count() {
      return count
    },
  }
}
