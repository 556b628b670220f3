#!/usr/bin/env node
/** The `keng` command: in a checkout builds what is missing or older than its sources, then runs the built program. */

import { buildWhatIsOld } from './build.mjs'

const built = buildWhatIsOld()
if (built.failed) process.exit(1)
await import('../../dist/services/cli/main.js')
