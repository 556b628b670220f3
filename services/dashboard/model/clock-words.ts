/** Times of day as people of the commune read them: 24 hours, Asia/Ho_Chi_Minh, whatever the machine is set to. */

import type { Language } from '../words/words.ts'

export const PAGE_TIME_ZONE = 'Asia/Ho_Chi_Minh'
// Vietnam has had one offset and no summer time since 1975, so day boundaries need no calendar.
const OFFSET_MS = 7 * 3_600_000
const DAY_MS = 86_400_000

const two = (n: number): string => String(n).padStart(2, '0')
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const local = (ms: number): Date => new Date(ms + OFFSET_MS)

/** Start of the local day, epoch milliseconds. */
export const localMidnight = (ms: number): number => Math.floor((ms + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS

/** 05:07 */
export const minuteWords = (ms: number): string => `${two(local(ms).getUTCHours())}:${two(local(ms).getUTCMinutes())}`

/** 05:07:09 */
export const secondWords = (ms: number): string => `${minuteWords(ms)}:${two(local(ms).getUTCSeconds())}`

/** 22/11, or 22 Nov */
export function dayWords(ms: number, language: Language): string {
  const at = local(ms)
  return language === 'vi'
    ? `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}`
    : `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`
}

/** The time alone today, with the day before it on other days, with the year too in other years. */
export function whenWords(
  ms: number,
  now: number,
  language: Language,
  clock: (ms: number) => string = minuteWords,
): string {
  if (localMidnight(ms) === localMidnight(now)) return clock(ms)
  const year = local(ms).getUTCFullYear()
  if (year === local(now).getUTCFullYear()) return `${clock(ms)} ${dayWords(ms, language)}`
  return `${clock(ms)} ${dayWords(ms, language)}${language === 'vi' ? '/' : ' '}${year}`
}
