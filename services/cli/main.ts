/** The `keng` command (contract.md, section 4). */

import { runCommandLine } from './command-line.ts'
import { terminal } from './terminal.ts'

// Not process.exit(): what is written must reach a pipe first, and a started server goes on.
process.exitCode = await runCommandLine(process.argv.slice(2), terminal)
