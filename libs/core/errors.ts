/** The error table: code, what happened, what to do, whether to retry, HTTP status. docs/errors.md is checked against it. */

export interface ErrorRow {
  readonly what: string
  readonly fix: string
  readonly retry: boolean
  readonly http: number
}

export const ERRORS = {
  KENG_LOG_FULL: {
    what: 'the disk under the log is full',
    fix: 'free space; nothing was acknowledged and writing resumes by itself',
    retry: true,
    http: 503,
  },
  KENG_LOG_UNAVAILABLE: {
    what: 'the log cannot take the record now',
    fix: 'send again; nothing was acknowledged',
    retry: true,
    http: 503,
  },
  KENG_LOG_SYNC_FAILED: {
    what: 'the disk refused to make a write durable',
    fix: 'check the disk (dmesg, SMART), then start again; nothing was acknowledged after it',
    retry: false,
    http: 503,
  },
  KENG_LOG_CLOSED: { what: 'the log is closed', fix: 'the process is stopping; send again', retry: true, http: 503 },
  KENG_LOG_DAMAGED: {
    what: 'a batch of the log is damaged and was stepped over',
    fix: 'restore the named offsets from a backup if they matter; check the disk',
    retry: false,
    http: 500,
  },
  KENG_LOG_VERSION: {
    what: 'the log was written by a newer version',
    fix: 'start the newer version, or use another data folder',
    retry: false,
    http: 500,
  },
  KENG_CONFIG_INVALID: {
    what: 'a setting has no meaning',
    fix: 'set it as docs/config.md says',
    retry: false,
    http: 500,
  },
  KENG_CONFIG_PORT_IN_USE: {
    what: 'another program listens on the port',
    fix: 'stop it, or set another port',
    retry: false,
    http: 500,
  },
  KENG_DATA_DIR_UNWRITABLE: {
    what: 'the data folder cannot be written',
    fix: 'give the user who runs keng the right to write there, or set KENG_DATA_DIR',
    retry: false,
    http: 500,
  },
  KENG_DATA_DIR_NEWER: {
    what: 'the data folder was written by a newer version',
    fix: 'start the newer version, or set another KENG_DATA_DIR',
    retry: false,
    http: 500,
  },
  KENG_DATA_DIR_IN_USE: {
    what: 'another keng process uses the data folder',
    fix: 'stop it, or set another KENG_DATA_DIR',
    retry: false,
    http: 500,
  },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

/** An error with a code of the table. The message names the value, the limit and the next step. */
export class KengError extends Error {
  override readonly name = 'KengError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    const row: ErrorRow = ERRORS[code]
    super(`${row.what}: ${detail}. ${row.fix}`, options)
    this.code = code
  }
}

export const isKengError = (error: unknown): error is KengError => error instanceof KengError

/** Whether an error of this code goes away by itself. */
export const isRetryable = (code: ErrorCode): boolean => (ERRORS[code] as ErrorRow).retry
