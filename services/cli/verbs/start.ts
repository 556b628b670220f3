/** `keng start`: everything in one process, until a signal. */

import { loadConfig } from '../../../libs/runtime/config.ts'
import { exitOnSignals } from '../../../libs/runtime/lifecycle.ts'
import { readReadyFile } from '../../../libs/runtime/ready-file.ts'
import { DEMO_DATA_DIR } from '../demo.ts'
import type { Terminal } from '../terminal.ts'

export interface StartOptions {
  readonly demo?: true
  readonly json?: true
}

export async function start(options: StartOptions, terminal: Terminal): Promise<void> {
  const demo = options.demo === true
  const config = loadConfig(undefined, demo ? { dataDir: DEMO_DATA_DIR } : {})
  // Imported when the settings are known to be right: what is wrong should be said at once.
  const { startAllInOne } = await import('../../all-in-one/main.ts')
  const starting = startAllInOne(config, { demo })
  // A signal while parts still start waits for them, so that nothing half open is left behind.
  const stop = async () => (await starting).stop()
  exitOnSignals(stop, process, terminal.note)
  const { link } = await starting
  const ready = readReadyFile(config.dataDir)
  if (options.json) terminal.out(JSON.stringify(ready))
  else terminal.out(greeting(link, ready?.mqtt ?? ''))
}

const greeting = (link: string, mqtt: string): string => `
Kẻng đang chạy · Kẻng is running
  Mở trang · open the page   ${link}
  Cảm biến · sensors         ${mqtt}
  Dừng · stop                Ctrl+C
`
