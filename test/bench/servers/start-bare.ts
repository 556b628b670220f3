/** Starts the bare broker that ratios are taken to. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { Cleanup } from '../../support/cleanup.ts'
import type { BenchServer } from './bench-server.ts'

const BROKER = fileURLToPath(new URL('../bare-broker.ts', import.meta.url))

let named = 0

export async function startBare(t: Cleanup): Promise<BenchServer> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), BROKER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  t.onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { port } = JSON.parse(line.toString()) as { port: number }
  return {
    name: 'bare',
    pid: child.pid ?? 0,
    port,
    // Names as long as those of the other server's devices, so that packets are of one size.
    devices: async (count) =>
      Array.from({ length: count }, () => ({ id: `bench-${String(named++).padStart(6, '0')}` })),
    counts: async () => ({ stored: 0, otherwise: 0, inFlight: 0 }),
    storedOf: async () => 0,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
