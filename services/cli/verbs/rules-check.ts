/** `keng rules check`: says what is wrong with a rules file before it goes live. */

import { readFileSync } from 'node:fs'

import { checkRules, type RuleFault } from '../../../libs/core/alarm/check-rules.ts'
import { type Terminal, UsageError } from '../terminal.ts'

/** Resolves with whether the file can go live. */
export function rulesCheck(file: string, options: { json?: true }, terminal: Terminal): boolean {
  const { rules, faults } = check(file)
  if (options.json) terminal.out(JSON.stringify({ rules: rules?.length ?? 0, faults }))
  else if (rules === null) terminal.out(faults.map(({ path, message }) => `${file}#${path} ${message}`).join('\n'))
  else terminal.out(`${file}: ${rules.length} rules, nothing wrong`)
  return rules !== null
}

function check(file: string): { rules: readonly unknown[] | null; faults: readonly RuleFault[] } {
  try {
    return checkRules(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof SyntaxError)
      return { rules: null, faults: [{ path: '', message: `is not JSON: ${error.message}` }] }
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new UsageError(`${file} cannot be read (${code})`)
  }
}
