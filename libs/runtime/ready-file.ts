/** Where a running server tells programs on the same machine how to reach it: `ready.json` in the data folder. */

import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { replaceFile } from './durable-file.ts'

/** Written when everything listens. Addresses carry the real ports, also where port 0 was asked for. */
export interface Ready {
  readonly pid: number
  /** Base address without a slash at the end: `http://127.0.0.1:8080`. */
  readonly http: string
  /** `mqtt://127.0.0.1:1883`. */
  readonly mqtt: string
  /** Opens the page with a session; used once, ten minutes. */
  readonly link: string
}

const READY_FILE = 'ready.json'

export const writeReadyFile = (folder: string, ready: Ready): void =>
  replaceFile(join(resolve(folder), READY_FILE), `${JSON.stringify(ready)}\n`)

export const removeReadyFile = (folder: string): void => rmSync(join(resolve(folder), READY_FILE), { force: true })

/** What the last server on this folder wrote, or undefined; it may have been killed since. */
export function readReadyFile(folder: string): Ready | undefined {
  try {
    return JSON.parse(readFileSync(join(resolve(folder), READY_FILE), 'utf8')) as Ready
  } catch {
    return undefined
  }
}
