/** Global set-up of the tests that run the built program: they test what the sources say now. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BUILD = `import('./services/cli/build.mjs').then(({ buildWhatIsOld }) => process.exit(buildWhatIsOld().failed ? 1 : 0))`

export function setup(): void {
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const { status } = spawnSync(process.execPath, ['--eval', BUILD], { cwd, stdio: 'inherit' })
  if (status !== 0) throw new Error('the program could not be built; see above')
}
