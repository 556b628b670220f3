/** `keng doctor`: checks what most often goes wrong on a machine, and says what to mend. */

import { closeSync, existsSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { loadConfig } from '../../../libs/runtime/config.ts'
import { connectToServer, loadClientConfig, serverAddress } from '../local-server.ts'
import type { Terminal } from '../terminal.ts'

export interface Finding {
  readonly about: string
  readonly state: 'ok' | 'warning' | 'failed'
  readonly found: string
}

const GIB = 1024 ** 3
const FREE_MIN_BYTES = GIB
const SYNC_TRIALS = 20
const SYNC_SLOW_MS = 50

/** Resolves with whether nothing failed. */
export async function doctor(options: { json?: true }, terminal: Terminal): Promise<boolean> {
  loadConfig()
  const config = loadClientConfig()
  const folder = resolve(config.dataDir)
  const findings: Finding[] = [{ about: 'settings', state: 'ok', found: `understood; data folder ${folder}` }]
  if (existsSync(folder)) findings.push(freeSpace(folder), syncTime(folder))
  else findings.push({ about: 'data folder', state: 'warning', found: 'not there yet: the first start makes it' })
  findings.push(await server(serverAddress(config), () => connectToServer(config).get('/readyz')))

  terminal.out(
    options.json
      ? JSON.stringify({ findings })
      : findings.map(({ about, state, found }) => `${state.padEnd(7)}  ${about}: ${found}`).join('\n'),
  )
  return findings.every(({ state }) => state !== 'failed')
}

function freeSpace(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  return {
    about: 'free space',
    state: free < FREE_MIN_BYTES ? 'warning' : 'ok',
    found: `${(free / GIB).toFixed(1)} GiB free${free < FREE_MIN_BYTES ? ', less than 1 GiB: acknowledgements stop when it is full' : ''}`,
  }
}

/** Every acknowledgement waits for one of these, so they bound how quick a sensor gets its answer. */
function syncTime(folder: string): Finding {
  const trial = mkdtempSync(join(folder, 'doctor-'))
  try {
    const file = openSync(join(trial, 'sync'), 'w')
    const times: number[] = []
    for (let i = 0; i < SYNC_TRIALS; i++) {
      writeSync(file, Buffer.alloc(4096, i))
      const started = performance.now()
      fdatasyncSync(file)
      times.push(performance.now() - started)
    }
    closeSync(file)
    const median = times.sort((a, b) => a - b)[SYNC_TRIALS / 2] ?? 0
    const slow = median > SYNC_SLOW_MS
    return {
      about: 'disk',
      state: slow ? 'warning' : 'ok',
      found: `a write is durable after ${median.toFixed(1)} ms (median of ${SYNC_TRIALS})${slow ? ': a slow or worn disk' : ''}`,
    }
  } catch (error) {
    return {
      about: 'disk',
      state: 'failed',
      found: `a write could not be made durable (${(error as NodeJS.ErrnoException).code})`,
    }
  } finally {
    rmSync(trial, { recursive: true, force: true })
  }
}

async function server(address: string, ask: () => Promise<unknown>): Promise<Finding> {
  try {
    await ask()
    return { about: 'server', state: 'ok', found: `ready at ${address}` }
  } catch (error) {
    return { about: 'server', state: 'failed', found: (error as Error).message }
  }
}
