/** A terminal that keeps what a verb prints. */

import type { Terminal } from '../../services/cli/terminal.ts'

export function recordingTerminal(): Terminal & {
  readonly out: (text: string) => void
  stdout(): string
  stderr(): string
} {
  const lines = { out: [] as string[], note: [] as string[] }
  return {
    out: (text) => void lines.out.push(text),
    note: (text) => void lines.note.push(text),
    stdout: () => lines.out.join('\n'),
    stderr: () => lines.note.join('\n'),
  }
}
