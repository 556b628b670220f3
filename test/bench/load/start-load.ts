/** Runs the load generator as a process of its own and gives its answers. */

import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { Cleanup } from '../../support/cleanup.ts'
import { tempDir } from '../../support/temp-dir.ts'
import type { BenchServer } from '../servers/bench-server.ts'
import type { LoadDevice, LoadOptions, LoadResult } from './load-options.ts'

const GENERATOR = fileURLToPath(new URL('../load-generator.ts', import.meta.url))

export interface ConnectedLoad {
  /** Begins to send; resolves when the load is over. */
  run(): Promise<LoadResult>
}

type LoadRequest = Pick<LoadOptions, 'loop'> & Partial<LoadOptions> & { readonly devices: readonly LoadDevice[] }

let lives = 0

/** Resolves when every device is connected. */
export async function connectLoad(t: Cleanup, server: BenchServer, request: LoadRequest): Promise<ConnectedLoad> {
  const options: LoadOptions = {
    host: '127.0.0.1',
    port: server.port,
    qos: 1,
    window: 20,
    boot: `b${++lives}`,
    keepAliveSeconds: 300,
    connectsPerSecond: 1_000,
    drainSeconds: 60,
    ...request,
  }
  const file = join(tempDir(t), 'load.json')
  writeFileSync(file, JSON.stringify(options), { mode: 0o600 })
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), GENERATOR, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the load generator ended with status ${child.exitCode ?? 'unknown'}; see above`)
    return JSON.parse(value)
  }
  await answer()
  rmSync(file)
  return {
    async run() {
      child.stdin.write('go\n')
      return (await answer()) as LoadResult
    },
  }
}
