/** The files of the project as the convention tests see them. */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const SKIPPED = new Set(['node_modules', 'dist', '.git', 'data', 'data-demo', 'coverage', 'bench-results'])

/** Paths from the root with forward slashes, sorted, of files whose name ends with one of `endings`. */
export function filesUnder(folder: string, ...endings: readonly string[]): string[] {
  return readdirSync(`${ROOT}${folder}`, { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesUnder(path, ...endings)
      return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : []
    })
    .sort()
}

export const readSource = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8')

const CODE_FOLDERS = ['libs', 'services', 'simulators']

/** What ships: libs, services and simulators. */
export const sourceFiles = (): string[] => CODE_FOLDERS.flatMap((folder) => filesUnder(folder, '.ts', '.tsx', '.mjs'))
