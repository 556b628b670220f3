/** Local wall time to UTC, with the hours that a clock change doubles or leaves out. */

const MS_PER_HOUR = 3_600_000
const MS_PER_DAY = 24 * MS_PER_HOUR
const MOST_REMEMBERED = 4096

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** What a local time may be in UTC, epoch milliseconds, earliest first: two where the clock was set back, else one. */
export type ToUtc = (wallMs: number) => readonly number[]

/** Wall time in milliseconds as if it were UTC. */
function wallTime(format: Intl.DateTimeFormat, t: number): number {
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(t)) if (type !== 'literal') part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/**
 * For an IANA zone. A time that a clock change leaves out is read with the offset before the change, so it lands after
 * it, as clocks that nobody set would show.
 */
export function createToUtc(zone: string): ToUtc {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const offsets = new Map<number, number>()

  // Offsets change on whole minutes of an hour's quarter at most; asked for each quarter once, because formatting is slow.
  const offsetAt = (t: number): number => {
    const quarter = Math.floor(t / (MS_PER_HOUR / 4))
    const known = offsets.get(quarter)
    if (known !== undefined) return known
    const start = quarter * (MS_PER_HOUR / 4)
    const offset = wallTime(format, start) - start
    if (offsets.size >= MOST_REMEMBERED) offsets.clear()
    offsets.set(quarter, offset)
    return offset
  }

  return (wallMs) => {
    const before = offsetAt(wallMs - MS_PER_DAY)
    const after = offsetAt(wallMs + MS_PER_DAY)
    if (before === after) return [wallMs - before]
    const candidates = [wallMs - before, wallMs - after].filter(
      (t, index) => offsetAt(t) === (index === 0 ? before : after),
    )
    return candidates.length === 0 ? [wallMs - before] : candidates.sort((a, b) => a - b)
  }
}
