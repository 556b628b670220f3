/** What a verb prints and how it ends. */

/** Where a verb writes: results to `out`, what people should know beside them to `note`. */
export interface Terminal {
  out(text: string): void
  note(text: string): void
}

export const terminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
}

export const EXIT_DONE = 0
export const EXIT_FAILED = 1
export const EXIT_USAGE = 2

/** Wrong use that the parser of the command line cannot see; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Columns lined up by the widest cell; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
