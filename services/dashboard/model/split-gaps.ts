/** Where a curve must be interrupted, because nothing was measured in between. */

/** Median distance of neighbouring times, in their own unit; null for fewer than two. */
export function medianStep(times: readonly number[]): number | null {
  if (times.length < 2) return null
  const steps: number[] = []
  for (let i = 1; i < times.length; i += 1) steps.push((times[i] ?? 0) - (times[i - 1] ?? 0))
  steps.sort((a, b) => a - b)
  return steps[steps.length >> 1] ?? null
}

/**
 * The longest distance between two points that a line may cross: two and a half of what is usual here.
 * `expectedMs` is what the station promises, `everyMs` the width of a bucket (0 for raw values).
 */
export function gapLimitMs(times: readonly number[], expectedMs: number, everyMs: number): number {
  return 2.5 * Math.max(medianStep(times) ?? 0, expectedMs, everyMs, 1000)
}

/** The index after which each gap begins. */
export function gapsAfter(times: readonly number[], limitMs: number): number[] {
  const gaps: number[] = []
  for (let i = 1; i < times.length; i += 1) if ((times[i] ?? 0) - (times[i - 1] ?? 0) > limitMs) gaps.push(i - 1)
  return gaps
}
