/** Reads the rules: the file that is set, or the pack for water that comes along. */

import { readFileSync } from 'node:fs'
import { parseRules } from '../../libs/core/alarm/check-rules.ts'
import type { AlertRule } from '../../libs/core/alarm/rule.ts'
import { KengError } from '../../libs/core/errors.ts'
import { packageFile } from '../../libs/runtime/package-file.ts'

/** Throws KENG_ALERT_RULES with every fault, or KENG_CONFIG_INVALID where the file cannot be read. */
export function loadRules(file: string | undefined): readonly AlertRule[] {
  const path = file ?? packageFile('services/alert/rules/water.json')
  return parseRules(readText(path), path)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new KengError('KENG_CONFIG_INVALID', `KENG_RULES=${path} cannot be read`, { cause })
  }
}
