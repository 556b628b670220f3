/** Keeps a table in a page of docs equal to the table in the code: `npx vitest run --project conventions -u` rewrites it. */

import { ROOT } from './source-files.ts'

export const pathOf = (doc: string): string => `${ROOT}${doc}`

/** The page with everything between `<!-- name -->` and `<!-- /name -->` replaced by the table. Throws where the marks are missing. */
export function withTable(
  page: string,
  name: string,
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [before, rest] = page.split(open)
  const after = rest?.split(close)[1]
  if (before === undefined || after === undefined) throw new Error(`the page has no ${open} … ${close}`)
  const lines = [heading, heading.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`)
  return `${before}${open}\n${lines.join('\n')}\n${close}${after}`
}

const escapeCell = (text: string): string => text.replaceAll('|', '\\|')
