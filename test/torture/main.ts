/** `npm run torture -- --kills 1000 [--devices 12] [--seed 1]`: kills at length; exit status 1 when anything is lost. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { torture } from './torture.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    devices: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
  },
})
const dataDir = mkdtempSync(join(tmpdir(), 'keng-torture-'))
const ends: (() => Promise<void> | void)[] = []
const report = await torture(
  { onTestFinished: (end) => void ends.push(end) },
  {
    kills: Number(values.kills),
    devices: Number(values.devices),
    seed: Number(values.seed),
    dataDir,
    onKill: (kill, acknowledged) => process.stdout.write(`kill ${kill}: ${acknowledged} acknowledged\n`),
  },
)
for (const end of ends.reverse()) await end()
process.stdout.write(`${JSON.stringify(report)}\n`)
const good = report.missing.length + report.twice.length + report.outOfOrder.length === 0
if (good) rmSync(dataDir, { recursive: true })
else process.stdout.write(`data kept in ${dataDir}\n`)
process.exit(good ? 0 : 1)
