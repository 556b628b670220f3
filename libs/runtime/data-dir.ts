/** The data folder: made, checked and locked before anything else is opened; keeps the installation's secrets. */

import { randomBytes } from 'node:crypto'
import { accessSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { isKengError, KengError } from '../core/errors.ts'
import { lockDataDir } from './data-dir-lock.ts'
import { replaceFile } from './durable-file.ts'

/** Raised when an older version could no longer read what is written. */
export const DATA_DIR_FORMAT = 1

const FORMAT_FILE = 'format'
export const ADMIN_TOKEN_FILE = 'admin.token'
const SECRET_BYTES = 32

export interface DataDir {
  /** Absolute. */
  readonly path: string
  /** Signs sessions of people. */
  readonly sessionKey: Buffer
  /** Key of the HMAC under which device tokens are kept: without it every device would need a new token. */
  readonly tokenKey: Buffer
  /** The bearer token with every right, as the file has it now: rotating it counts from the next request on. */
  adminToken(): string
  /** Absolute path of a file or folder inside. */
  file(...names: string[]): string
  /** Lets another process in. May be called twice. */
  close(): void
}

/** Throws KENG_DATA_DIR_UNWRITABLE, KENG_DATA_DIR_NEWER or KENG_DATA_DIR_IN_USE. */
export function openDataDir(folder: string): DataDir {
  const path = resolve(folder)
  return translated(path, () => {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    checkFormat(path)
    const unlock = lockDataDir(path)
    try {
      const tokenPath = join(path, ADMIN_TOKEN_FILE)
      secretOf(tokenPath)
      return {
        path,
        sessionKey: Buffer.from(secretOf(join(path, 'session.key')), 'base64url'),
        tokenKey: Buffer.from(secretOf(join(path, 'token.key')), 'base64url'),
        adminToken: followFile(tokenPath),
        file: (...names) => join(path, ...names),
        close: unlock,
      }
    } catch (error) {
      unlock()
      throw error
    }
  })
}

/** Replaces the admin token of a data folder, whether a server runs on it or not; the old one is refused from then on. */
export function rotateAdminToken(folder: string): string {
  const path = resolve(folder)
  return translated(path, () => {
    const token = newSecret()
    replaceFile(join(path, ADMIN_TOKEN_FILE), `${token}\n`)
    return token
  })
}

/** The admin token for programs on the same machine; throws the system's error where there is none or it may not be read. */
export const readAdminToken = (folder: string): string =>
  readFileSync(join(resolve(folder), ADMIN_TOKEN_FILE), 'utf8').trim()

function checkFormat(path: string): void {
  const file = join(path, FORMAT_FILE)
  const text = readIfThere(file)
  if (text === undefined) {
    replaceFile(file, `${DATA_DIR_FORMAT}\n`)
    return
  }
  const format = Number(text)
  if (!Number.isInteger(format) || format > DATA_DIR_FORMAT) {
    throw new KengError(
      'KENG_DATA_DIR_NEWER',
      `${path} has format ${text.trim()}, this version reads up to ${DATA_DIR_FORMAT}`,
    )
  }
}

const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url')

function secretOf(file: string): string {
  const kept = readIfThere(file)?.trim()
  // An empty one is damage: a new key in its place would silently lock out every device.
  if (kept === '')
    throw new KengError('KENG_DATA_DIR_UNWRITABLE', `${file} is empty, restore it from a backup or delete it`)
  if (kept !== undefined) return kept
  const made = newSecret()
  replaceFile(file, `${made}\n`)
  return made
}

function followFile(file: string): () => string {
  let token = ''
  let seen = ''
  return () => {
    const stat = statSync(file)
    const version = `${stat.ino} ${stat.mtimeMs} ${stat.size}`
    if (version !== seen) {
      token = readFileSync(file, 'utf8').trim()
      seen = version
    }
    return token
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function translated<Result>(path: string, action: () => Result): Result {
  try {
    return action()
  } catch (error) {
    if (isKengError(error)) throw error
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new KengError('KENG_DATA_DIR_UNWRITABLE', `${path} (${code})`, { cause: error })
  }
}
