/** The tokens of simulated devices: the server shows each once, so they are kept beside its data, mode 0600. */

import { readFileSync } from 'node:fs'
import { KengError } from '../../libs/core/errors.ts'
import { replaceFile } from '../../libs/runtime/durable-file.ts'

export interface TokenFile {
  get(device: string): string | undefined
  /** Keeps the tokens and writes the file before it returns. */
  add(tokens: ReadonlyMap<string, string>): void
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

function read(path: string): Map<string, string> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return new Map()
    throw new KengError('KENG_SIMULATE_TOKENS', `${path} cannot be read`, { cause: error })
  }
  try {
    const content: unknown = JSON.parse(text)
    if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new TypeError('not an object')
    const entries = Object.entries(content)
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch (cause) {
    throw new KengError('KENG_SIMULATE_TOKENS', `${path} is not a JSON object of device and token`, { cause })
  }
}

/** Opens the file, which need not be there. Without a path the tokens live as long as the process. */
export function openTokenFile(path: string | null): TokenFile {
  const tokens = path === null ? new Map<string, string>() : read(path)
  return {
    get: (device) => tokens.get(device),
    add(more) {
      for (const [device, token] of more) tokens.set(device, token)
      if (path === null) return
      try {
        replaceFile(path, `${JSON.stringify(Object.fromEntries(tokens), null, 1)}\n`)
      } catch (cause) {
        throw new KengError('KENG_SIMULATE_TOKENS', `${path} cannot be written`, { cause })
      }
    },
  }
}
