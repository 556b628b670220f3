/** Time stamps as recordings write them: `d/MM/yyyy H:mm` and the like, ISO 8601, epoch seconds or milliseconds. */

/** A local time, as if it were UTC, or a time in UTC; both epoch milliseconds. */
export type ParsedTime = { readonly wallMs: number } | { readonly utcMs: number }

export interface TimeFormat {
  /** Why the format cannot be used. */
  readonly fault?: string
  /** Whether its times may come without an offset. */
  readonly needsZone: boolean
  /** Null for a text that does not fit. */
  parse(text: string): ParsedTime | null
}

export interface WallParts {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour?: number
  readonly minute?: number
  readonly second?: number
  readonly millisecond?: number
}

const SECOND_MS = 1000
const MINUTE_MS = 60_000
const HOURS_OF_HALF_DAY = 12

/** Milliseconds of a calendar time as if it were UTC; null for a 31st of June and a 25th hour. 24:00 is not taken. */
export function wallMsOf({
  year,
  month,
  day,
  hour = 0,
  minute = 0,
  second = 0,
  millisecond = 0,
}: WallParts): number | null {
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, millisecond)
  const back = new Date(ms)
  const same =
    back.getUTCFullYear() === year &&
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    back.getUTCHours() === hour &&
    back.getUTCMinutes() === minute &&
    back.getUTCSeconds() === second
  return same ? ms : null
}

/** Letters of a format, longest first: what they stand for and which text they take. */
const TOKENS: readonly (readonly [token: string, part: string, pattern: string])[] = [
  ['yyyy', 'year', '\\d{4}'],
  ['MM', 'month', '\\d{2}'],
  ['M', 'month', '\\d{1,2}'],
  ['dd', 'day', '\\d{2}'],
  ['d', 'day', '\\d{1,2}'],
  ['HH', 'hour', '\\d{2}'],
  ['H', 'hour', '\\d{1,2}'],
  ['hh', 'hour12', '\\d{2}'],
  ['h', 'hour12', '\\d{1,2}'],
  ['a', 'half', '[AaPp][Mm]'],
  ['mm', 'minute', '\\d{2}'],
  ['m', 'minute', '\\d{1,2}'],
  ['ss', 'second', '\\d{2}'],
  ['s', 'second', '\\d{1,2}'],
  ['SSS', 'millisecond', '\\d{3}'],
]

const LETTER = /[A-Za-z]/
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

function fromPattern(pattern: string): TimeFormat {
  const unusable = (fault: string): TimeFormat => ({ fault: `${pattern} ${fault}`, needsZone: true, parse: () => null })
  const parts = new Set<string>()
  let source = ''
  for (let at = 0; at < pattern.length; ) {
    const token = TOKENS.find(([letters]) => pattern.startsWith(letters, at))
    const character = pattern.charAt(at)
    if (token === undefined) {
      // A T between date and time means itself; any other letter is a mistake.
      if (LETTER.test(character) && character !== 'T')
        return unusable(`has ${character}, which is none of yyyy M d H h a m s SSS`)
      source += escaped(character)
      at++
      continue
    }
    const [letters, part, text] = token
    if (parts.has(part)) return unusable(`names the ${part} twice`)
    parts.add(part)
    source += `(?<${part}>${text})`
    at += letters.length
  }
  for (const part of ['year', 'month', 'day']) if (!parts.has(part)) return unusable(`does not name the ${part}`)
  if (parts.has('hour12') !== parts.has('half')) return unusable('needs h and a together')
  const whole = new RegExp(`^${source}$`)
  return {
    needsZone: true,
    parse(text) {
      const groups = whole.exec(text)?.groups
      if (groups === undefined) return null
      const number = (part: string): number => Number(groups[part] ?? 0)
      const half = groups.half?.toLowerCase()
      const hour =
        half === undefined
          ? number('hour')
          : (number('hour12') % HOURS_OF_HALF_DAY) + (half === 'pm' ? HOURS_OF_HALF_DAY : 0)
      if (half !== undefined && (number('hour12') < 1 || number('hour12') > HOURS_OF_HALF_DAY)) return null
      const wallMs = wallMsOf({
        year: number('year'),
        month: number('month'),
        day: number('day'),
        hour,
        minute: number('minute'),
        second: number('second'),
        millisecond: number('millisecond'),
      })
      return wallMs === null ? null : { wallMs }
    },
  }
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s?(Z|[+-]\d{2}:?\d{2})?$/

function parseIso(text: string): ParsedTime | null {
  const [, year, month, day, hour, minute, second, fraction = '', offset] = ISO.exec(text) ?? []
  if (year === undefined) return null
  const wallMs = wallMsOf({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    millisecond: Number(fraction.slice(0, 3).padEnd(3, '0')),
  })
  if (wallMs === null) return null
  if (offset === undefined) return { wallMs }
  if (offset === 'Z') return { utcMs: wallMs }
  const sign = offset.startsWith('-') ? -1 : 1
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2))
  return { utcMs: wallMs - sign * minutes * MINUTE_MS }
}

const NUMBER = /^-?\d+(\.\d+)?$/
const fromEpoch = (unitMs: number): TimeFormat => ({
  needsZone: false,
  parse: (text) => (NUMBER.test(text) ? { utcMs: Math.round(Number(text) * unitMs) } : null),
})

/** A format of the map: `iso`, `epoch-s`, `epoch-ms`, or a pattern of yyyy M MM d dd H HH h hh a m mm s ss SSS. */
export function compileTimeFormat(format: string): TimeFormat {
  if (format === 'iso') return { needsZone: false, parse: parseIso }
  if (format === 'epoch-s') return fromEpoch(SECOND_MS)
  if (format === 'epoch-ms') return fromEpoch(1)
  return fromPattern(format)
}
