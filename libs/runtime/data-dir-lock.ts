/** Keeps a second process out of a data folder, and does not outlive a process that was killed. */

import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { KengError } from '../core/errors.ts'
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts'

const LOCK_FILE = 'lock'

/** Takes the lock or throws KENG_DATA_DIR_IN_USE with the holder's pid; other errors are the system's. The result gives it back. */
export function lockDataDir(folder: string): () => void {
  const lock = join(folder, LOCK_FILE)
  // The nonce tells two openings in one process from each other.
  const content = JSON.stringify({ ...ownIdentity(), nonce: randomBytes(6).toString('hex') })
  const draft = join(folder, `lock.${randomBytes(6).toString('hex')}`)
  try {
    writeFileSync(draft, content, { mode: 0o600 })
    if (!take(draft, lock)) {
      removeStale(lock, folder)
      if (!take(draft, lock)) throw inUse(folder, readText(lock))
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return () => {
    if (readText(lock) === content) rmSync(lock, { force: true })
  }
}

/** link() makes the name and the content appear in one step, where open and write would show an empty file for a moment. */
function take(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function removeStale(lock: string, folder: string): void {
  const seen = readText(lock)
  if (isHeld(seen)) throw inUse(folder, seen)
  const aside = `${lock}.${randomBytes(6).toString('hex')}`
  try {
    renameSync(lock, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  // Another process may have replaced the stale lock since it was read: then it is its own that we moved, and it goes back.
  const moved = readText(aside)
  if (moved !== seen) take(aside, lock)
  rmSync(aside, { force: true })
  if (moved !== seen) throw inUse(folder, moved)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function parse(content: string): Partial<ProcessIdentity> {
  try {
    return JSON.parse(content) as Partial<ProcessIdentity>
  } catch {
    return {}
  }
}

function isHeld(content: string): boolean {
  const { pid, started } = parse(content)
  return typeof pid === 'number' && typeof started === 'string' && isRunning({ pid, started })
}

const inUse = (folder: string, holder: string): KengError =>
  new KengError('KENG_DATA_DIR_IN_USE', `${folder} is held by process ${parse(holder).pid ?? 'unknown'}`)
