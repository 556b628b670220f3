/** How old something is, and how long it has lasted, in plain words of the chosen language. */

import type { Words } from '../words/words.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** «12 giây trước». Below two seconds, and for what a fast clock puts into the future, it was just now. */
export function ageWords(ageMs: number, words: Words): string {
  if (ageMs < 2 * SECOND_MS) return words.justNow
  if (ageMs < MINUTE_MS) return words.secondsAgo(Math.floor(ageMs / SECOND_MS))
  if (ageMs < HOUR_MS) return words.minutesAgo(Math.floor(ageMs / MINUTE_MS))
  if (ageMs < 2 * DAY_MS) return words.hoursAgo(Math.floor(ageMs / HOUR_MS))
  return words.daysAgo(Math.floor(ageMs / DAY_MS))
}

/** «25 phút»; two units from an hour on: «1 giờ 5 phút». */
export function durationWords(durationMs: number, words: Words): string {
  const ms = Math.max(0, durationMs)
  if (ms < MINUTE_MS) return words.seconds(Math.floor(ms / SECOND_MS))
  if (ms < HOUR_MS) return words.minutes(Math.floor(ms / MINUTE_MS))
  const [unit, part, whole, rest] =
    ms < DAY_MS ? [HOUR_MS, MINUTE_MS, words.hours, words.minutes] : [DAY_MS, HOUR_MS, words.days, words.hours]
  const left = Math.floor((ms % unit) / part)
  const first = whole(Math.floor(ms / unit))
  return left === 0 ? first : `${first} ${rest(left)}`
}
