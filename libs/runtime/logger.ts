/** Log lines for the person on call: JSON, or plain text at a terminal; secrets are taken out before anything is written. */

import { pino } from 'pino'

import { isKengError } from '../core/errors.ts'
import { prettyLine } from './pretty-line.ts'

/**
 * error = data lost or a person must act; warn = recovered; info = state changed; what happens per message is a metric.
 * Put facts in fields (`{ code, device, offset }`), and in the text what they mean.
 */
export type Logger = pino.Logger

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

export interface LoggerOptions {
  readonly level: LogLevel
  /** Where lines go; standard output unless given. */
  readonly write?: (line: string) => void
  /** Plain text in place of JSON; decided by whether standard output is a terminal unless given. */
  readonly pretty?: boolean
}

const SECRET_KEYS = [
  'token',
  'tokens',
  'password',
  'secret',
  'authorization',
  'cookie',
  'set-cookie',
  'adminToken',
  'sessionKey',
  'tokenKey',
]
const REDACTED = '[redacted]'

// Camera and webhook addresses carry passwords, and end up in other people's error messages, so the finished line is searched.
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@"]+@/gi

export const withoutUrlCredentials = (text: string): string => text.replace(URL_CREDENTIALS, `$1${REDACTED}@`)

export function createLogger(options: LoggerOptions): Logger {
  const pretty = options.pretty ?? process.stdout.isTTY === true
  const write = options.write ?? ((line: string) => void process.stdout.write(line))
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError, error: describeError },
      redact: { paths: SECRET_KEYS.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]), censor: REDACTED },
    },
    {
      write(line: string) {
        const safe = withoutUrlCredentials(line)
        write(pretty ? prettyLine(safe) : safe)
      },
    },
  )
}

export const createSilentLogger = (): Logger => pino({ level: 'silent' })

/** What a line keeps of an error: our own are known by their code, the others need their stack. */
function describeError(error: unknown): unknown {
  if (isKengError(error)) return { code: error.code, message: error.message, cause: causeText(error.cause) }
  if (error instanceof Error) return { message: error.message, stack: error.stack, cause: causeText(error.cause) }
  return error
}

const causeText = (cause: unknown): string | undefined => (cause instanceof Error ? cause.message : undefined)
