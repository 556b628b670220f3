/** How a station is doing, from what is known at this moment, and the order in which stations are shown. */

import type { Severity } from '../../../libs/core/alarm/alert.ts'
import { lateAfterMs } from '../../../libs/core/device.ts'

export type Health = 'reporting' | 'silent' | 'unknown'

export interface Heard {
  readonly lastReceivedAt: number | null
  readonly expectedIntervalSeconds: number | undefined
  readonly lateAfterSeconds: number | undefined
}

/** The server's own rule (docs/http.md), so that a page left open says the same as one just loaded. */
export function healthOf(heard: Heard, now: number): Health {
  if (heard.lastReceivedAt === null) return 'unknown'
  const { expectedIntervalSeconds, lateAfterSeconds } = heard
  const limit = lateAfterMs({
    ...(expectedIntervalSeconds === undefined ? {} : { expectedIntervalSeconds }),
    ...(lateAfterSeconds === undefined ? {} : { lateAfterSeconds }),
  })
  if (now - heard.lastReceivedAt <= limit) return 'reporting'
  return expectedIntervalSeconds === undefined && lateAfterSeconds === undefined ? 'unknown' : 'silent'
}

/** Colour of an age: `fresh`, `old` (past half of what is allowed) or `silent`. Without an expected interval: two and ten minutes. */
export function ageColour(ageMs: number, heard: Omit<Heard, 'lastReceivedAt'>): 'fresh' | 'old' | 'silent' {
  const { expectedIntervalSeconds, lateAfterSeconds } = heard
  const judged = expectedIntervalSeconds !== undefined || lateAfterSeconds !== undefined
  const limit = judged
    ? lateAfterMs({
        ...(expectedIntervalSeconds === undefined ? {} : { expectedIntervalSeconds }),
        ...(lateAfterSeconds === undefined ? {} : { lateAfterSeconds }),
      })
    : 600_000
  if (ageMs > limit) return 'silent'
  return ageMs > Math.max(limit / 2, 60_000) ? 'old' : 'fresh'
}

export const SEVERITY_RANK: Readonly<Record<Severity, number>> = { critical: 4, high: 3, medium: 2, low: 1 }

export interface StationState {
  readonly id: string
  readonly name: string
  readonly health: Health
  /** Of its open alerts, hidden ones left out; null without one. */
  readonly worstAlert: Severity | null
  /** Values in doubt, or refused in favour of an older one. */
  readonly doubts: boolean
}

/** Higher is more troubled: an alert by its severity, then silence, then doubtful values. */
export function troubleOf(state: StationState): number {
  const alert = state.worstAlert === null ? 0 : SEVERITY_RANK[state.worstAlert] * 16
  const silence = state.health === 'silent' ? 8 : 0
  return alert + silence + (state.doubts ? 4 : 0) + (state.health === 'unknown' ? 2 : 0)
}

const collator = new Intl.Collator('vi', { numeric: true })

/** Troubled stations first; then by name, numbers in names as numbers; then by id. */
export function sortStations<T extends StationState>(stations: readonly T[]): T[] {
  return [...stations].sort(
    (a, b) => troubleOf(b) - troubleOf(a) || collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1),
  )
}

/** Text without case, accents and đ, so that «cau ong» finds «Cầu Ông». */
export const plainText = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/đ/gi, 'd')
    .toLowerCase()
