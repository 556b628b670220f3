/** `keng devices import`: registers the devices of a CSV file, all or none, and hands out their tokens. */

import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'

import { parseDeviceCsv } from '../device-csv.ts'
import { connectToServer } from '../local-server.ts'
import { type Terminal, UsageError } from '../terminal.ts'

export interface ImportOptions {
  /** File for the tokens; standard output unless given. */
  readonly tokens?: string
  readonly json?: true
}

interface IssuedToken {
  readonly id: string
  readonly token: string
}

export async function importDevices(file: string, { tokens, json }: ImportOptions, terminal: Terminal): Promise<void> {
  const devices = parseDeviceCsv(readText(file))
  if (tokens === undefined) {
    const items = await register(devices)
    return terminal.out(json ? JSON.stringify({ items }) : tokenCsv(items))
  }
  // Tokens are shown once: the file must be there before the server makes them, and must not replace another.
  const output = openNew(tokens)
  try {
    const items = await register(devices)
    writeSync(output, `${tokenCsv(items)}\n`)
    terminal.out(
      json
        ? JSON.stringify({ registered: items.length, tokens })
        : `${items.length} devices registered, tokens in ${tokens}`,
    )
  } catch (error) {
    rmSync(tokens, { force: true })
    throw error
  } finally {
    closeSync(output)
  }
}

async function register(devices: readonly unknown[]): Promise<readonly IssuedToken[]> {
  const answer = (await connectToServer().post('/api/v1/devices', devices)) as { items: IssuedToken[] }
  return answer.items
}

const tokenCsv = (items: readonly IssuedToken[]): string =>
  ['id,token', ...items.map(({ id, token }) => `${id},${token}`)].join('\n')

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

function openNew(file: string): number {
  try {
    return openSync(file, 'wx', 0o600)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new UsageError(
      code === 'EEXIST' ? `${file} is there already, give --tokens a new name` : `${file} cannot be written (${code})`,
    )
  }
}
