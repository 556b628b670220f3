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
  KENG_LOG_TOO_LARGE: {
    what: 'the records are larger than the log takes at once',
    fix: 'append fewer or smaller records',
    retry: false,
    http: 413,
  },
  KENG_LOG_TOPIC_UNKNOWN: {
    what: 'the log does not keep this topic or partition',
    fix: 'use one that LOG_TOPICS lists for it',
    retry: false,
    http: 500,
  },
  KENG_INGEST_LOGIN: {
    what: 'a device could not log in',
    fix: 'check its id and its token; `keng devices rotate` gives it a new one',
    retry: false,
    http: 401,
  },
  KENG_INGEST_REFUSED: {
    what: 'a device has no right to what it asked for',
    fix: 'publish and subscribe under its own topics, or register it under its gateway',
    retry: false,
    http: 403,
  },
  KENG_INGEST_PROTOCOL: {
    what: 'what a device sent is not MQTT 3.1.1',
    fix: 'set its MQTT library to version 3.1.1, and look whether another protocol was pointed at this port',
    retry: false,
    http: 400,
  },
  KENG_STORE_UNAVAILABLE: {
    what: 'the series store did not answer or refused the work',
    fix: 'nothing is lost: the log keeps the messages and the store goes on from its last commit; check the disk if it stays',
    retry: true,
    http: 503,
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
    fix: 'free space on its disk, or give the user who runs keng the right to write there, or set KENG_DATA_DIR',
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
  KENG_HTTP_MALFORMED: {
    what: 'the request cannot be read',
    fix: 'send what /api/openapi.json describes',
    retry: false,
    http: 400,
  },
  KENG_HTTP_LOGIN_REQUIRED: {
    what: 'nobody is logged in',
    fix: 'send a bearer token, or open the link that `keng start` prints',
    retry: false,
    http: 401,
  },
  KENG_HTTP_CODE_INVALID: {
    what: 'the one-time code is not valid',
    fix: 'get a new link: a code works once, for ten minutes',
    retry: false,
    http: 401,
  },
  KENG_HTTP_FORBIDDEN: {
    what: 'this login may not do that',
    fix: 'use a login with the right to',
    retry: false,
    http: 403,
  },
  KENG_HTTP_HOST: {
    what: 'the Host header names another machine',
    fix: 'open the page as 127.0.0.1 or localhost, or set KENG_PUBLIC_URL',
    retry: false,
    http: 403,
  },
  KENG_HTTP_ORIGIN: {
    what: 'the request comes from another page',
    fix: 'send it from the page of this server, or use a bearer token',
    retry: false,
    http: 403,
  },
  KENG_HTTP_PLAIN: {
    what: 'people log in over HTTPS only',
    fix: 'set KENG_TLS_CERT and KENG_TLS_KEY, or KENG_PLAIN_HTTP=allow on a network that you trust',
    retry: false,
    http: 403,
  },
  KENG_HTTP_NOT_FOUND: {
    what: 'there is nothing at this address',
    fix: 'see /api/openapi.json for what there is',
    retry: false,
    http: 404,
  },
  KENG_HTTP_TOO_LARGE: { what: 'the body is too large', fix: 'send it in parts', retry: false, http: 413 },
  KENG_HTTP_MEDIA_TYPE: {
    what: 'the content type is not understood',
    fix: 'send application/json',
    retry: false,
    http: 415,
  },
  KENG_HTTP_INVALID: {
    what: 'the request is understood but wrong',
    fix: 'mend what `errors` names',
    retry: false,
    http: 422,
  },
  KENG_HTTP_RATE: { what: 'too many attempts', fix: 'wait as Retry-After says', retry: true, http: 429 },
  KENG_HTTP_BUSY: {
    what: 'the server is at a bound',
    fix: 'send again after Retry-After; nothing was taken',
    retry: true,
    http: 503,
  },
  KENG_HTTP_NOT_READY: {
    what: 'a part of the server is not ready',
    fix: 'see /readyz, and try again',
    retry: true,
    http: 503,
  },
  KENG_HTTP_INTERNAL: { what: 'the server failed', fix: 'see its log at this time', retry: false, http: 500 },
  KENG_REGISTRY_EXISTS: {
    what: 'a device of this id is registered already',
    fix: 'change it with PATCH, or choose another id',
    retry: false,
    http: 409,
  },
  KENG_REGISTRY_UNKNOWN: {
    what: 'no device of this id is registered',
    fix: 'see GET /api/v1/devices',
    retry: false,
    http: 404,
  },
  KENG_ALERT_UNKNOWN: { what: 'there is no alert of this id', fix: 'see GET /api/v1/alerts', retry: false, http: 404 },
  KENG_ALERT_STATE: { what: 'the alert is in another state by now', fix: 'load it again', retry: false, http: 409 },
  KENG_ALERT_HISTORY_FULL: {
    what: 'the alert has too many entries in its history',
    fix: 'close it',
    retry: false,
    http: 409,
  },
  KENG_ALERT_RULES: {
    what: 'the rules file cannot be used',
    fix: 'mend what is named; docs/rules.md explains each field',
    retry: false,
    http: 422,
  },
  KENG_ALERT_MEMORY: {
    what: "the alarm engine's memory cannot be read",
    fix: 'restore keng.rule-state.v1 from a backup, or delete it: the engine then begins with the oldest raw record',
    retry: false,
    http: 500,
  },
  KENG_CLIENT_UNREACHABLE: {
    what: 'the server does not answer',
    fix: 'start keng, or check the address and the port',
    retry: true,
    http: 503,
  },
  KENG_CLIENT_LOGIN: {
    what: 'the server does not accept the device or the token',
    fix: 'register the device, or give its current token',
    retry: false,
    http: 401,
  },
  KENG_CLIENT_REFUSED: {
    what: 'the server refused a request',
    fix: 'mend what its answer names',
    retry: false,
    http: 400,
  },
  KENG_SIMULATE_OPTIONS: {
    what: 'the simulation cannot be run as asked',
    fix: 'see keng simulate --help',
    retry: false,
    http: 400,
  },
  KENG_SIMULATE_DEVICE_TAKEN: {
    what: 'a real device has the name of a simulated one',
    fix: 'rename one of them, or put the token into the token file',
    retry: false,
    http: 409,
  },
  KENG_SIMULATE_TOKENS: {
    what: 'the file with the tokens of simulated devices cannot be used',
    fix: 'mend or remove it; simulated devices are then registered again',
    retry: false,
    http: 500,
  },
  KENG_SIMULATE_TRUTH: {
    what: 'the truth file cannot be written',
    fix: 'give --truth a path that can be written',
    retry: false,
    http: 500,
  },
  KENG_REPLAY_MAP: {
    what: 'the map of the recording has faults',
    fix: 'mend every fault listed; docs/replay.md describes the map',
    retry: false,
    http: 422,
  },
  KENG_REPLAY_FILE: {
    what: 'the recording cannot be read',
    fix: 'check the path, and the delimiter and the columns in the map',
    retry: false,
    http: 422,
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

  /** The error as another thread had it: its message is whole already. */
  static relayed(code: ErrorCode, message: string): KengError {
    const error = new KengError(code, '')
    error.message = message
    return error
  }
}

export const isKengError = (error: unknown): error is KengError => error instanceof KengError

/** Whether an error of this code goes away by itself. */
export const isRetryable = (code: ErrorCode): boolean => (ERRORS[code] as ErrorRow).retry
