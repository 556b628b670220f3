/** The `keng` command (contract.md, section 4). */

import { runCommandLine } from './command-line.ts'
import { EXIT_DONE, terminal } from './terminal.ts'

const status = await runCommandLine(process.argv.slice(2), terminal)
// A failed start has said why; what it opened before it failed must not keep the process alive. A start that went well goes on.
if (status !== EXIT_DONE) process.exit(status)
