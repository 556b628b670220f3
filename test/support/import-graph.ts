/** Which file imports what, read from the text: quick, and it cannot look at nothing and say that all is well. */

import { posix } from 'node:path'

// `from '…'`, `import '…'`, `import('…')`, and the workers and files that are named by `new URL('…', import.meta.url)`.
const SPECIFIERS = [
  /\bfrom\s*'([^']+)'/g,
  /\bimport\s*\(?\s*'([^']+)'/g,
  /\bnew URL\(\s*'(\.[^']*\.tsx?)',\s*import\.meta\.url/g,
]

export interface Import {
  /** As written: a package, `node:…`, or a relative path. */
  readonly specifier: string
  /** Path from the root for a relative import; undefined for packages. */
  readonly path: string | undefined
}

export function importsOf(file: string, text: string): Import[] {
  const code = withoutComments(text)
  return SPECIFIERS.flatMap((pattern) =>
    [...code.matchAll(pattern)].map(([, specifier = '']) => ({
      specifier,
      path: specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined,
    })),
  )
}

export const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
