/** Turns a log line of JSON into one for a person at a terminal. */

const COLOURS: Readonly<Record<string, string>> = {
  error: '\u001b[31m',
  fatal: '\u001b[31m',
  warn: '\u001b[33m',
  debug: '\u001b[2m',
}
const RESET = '\u001b[0m'

/** `09:30:01 warn  ingest  connection cut  code=KENG_INGEST_TOO_LARGE device=w1`; what is no JSON comes back as it is. */
export function prettyLine(line: string): string {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  const { level, time, service, msg, ...fields } = entry
  const clock = typeof time === 'string' ? time.slice(11, 19) : ''
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const name = String(level)
  const text = [clock, name.padEnd(5), service, msg, ...rest]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
  const colour = COLOURS[name]
  return colour === undefined ? `${text}\n` : `${colour}${text}${RESET}\n`
}
