/** Runs the built program as a process of its own, as people do, and ends it with the test. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

import { type Ready, readReadyFile } from '../../libs/runtime/ready-file.ts'
import type { Cleanup } from './cleanup.ts'
import { tempDir } from './temp-dir.ts'
import { waitUntil } from './wait-until.ts'

const MAIN = new URL('../../dist/services/cli/main.js', import.meta.url).pathname
const START_LIMIT_MS = 20_000
const STOP_LIMIT_MS = 12_000

export interface Exit {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

export interface KengProcess {
  readonly child: ChildProcess
  readonly dataDir: string
  readonly exited: Promise<Exit>
  stdout(): string
  stderr(): string
  /** Sends the signal and resolves when the process has gone. */
  kill(signal: NodeJS.Signals): Promise<Exit>
}

export interface SpawnOptions {
  readonly args: readonly string[]
  /** Settings; ports are 0 unless given. Nothing of this test run's own KENG_ variables is passed on. */
  readonly env?: Readonly<Record<string, string>>
  /** A folder that outlives the process, for restarts; a fresh one unless given. */
  readonly dataDir?: string
  /** What runs before Node: `['strace', '-f', …]`, `['faketime', …]`. */
  readonly prefix?: readonly string[]
  readonly nodeArgs?: readonly string[]
  /** What Node runs; the built program unless given. */
  readonly program?: string
}

/** Starts `keng …args` without waiting for anything. */
export function spawnKengProcess(t: Cleanup, options: SpawnOptions): KengProcess {
  const dataDir = options.dataDir ?? tempDir(t)
  const [program = process.execPath, ...args] = [
    ...(options.prefix ?? []),
    process.execPath,
    ...(options.nodeArgs ?? []),
    options.program ?? MAIN,
    ...options.args,
  ]
  const child = spawn(program, args, {
    env: {
      ...withoutKeng(process.env),
      KENG_DATA_DIR: dataDir,
      KENG_HTTP_PORT: '0',
      KENG_MQTT_PORT: '0',
      KENG_MQTTS_PORT: '0',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exited = once(child, 'close').then(([status, signal]) => ({ status, signal }) as Exit)
  const hasExited = () => child.exitCode !== null || child.signalCode !== null
  t.onTestFinished(async () => {
    if (!hasExited()) child.kill('SIGKILL')
    await exited
  })
  return {
    child,
    dataDir,
    exited,
    stdout: () => stdout,
    stderr: () => stderr,
    async kill(signal) {
      if (!hasExited()) child.kill(signal)
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      const exit = await exited
      clearTimeout(late)
      return exit
    },
  }
}

/** Starts a server (`args` begin with `start`) and resolves when everything listens. */
export async function spawnKeng(
  t: Cleanup,
  options: Partial<SpawnOptions> = {},
): Promise<KengProcess & { readonly ready: Ready }> {
  const keng = spawnKengProcess(t, { args: ['start'], ...options })
  const previous = readReadyFile(keng.dataDir)
  const ready = await waitUntil(
    'keng is ready',
    () => {
      if (keng.child.exitCode !== null || keng.child.signalCode !== null) {
        throw new Error(
          `keng ended (${keng.child.exitCode ?? keng.child.signalCode}): ${keng.stderr() || keng.stdout()}`,
        )
      }
      const found = readReadyFile(keng.dataDir)
      return found !== undefined && (found.pid === keng.child.pid || found.pid !== previous?.pid) && found
    },
    START_LIMIT_MS,
  )
  return { ...keng, ready }
}

/** Runs a verb to its end. */
export async function runKeng(t: Cleanup, options: SpawnOptions): Promise<Exit & { stdout: string; stderr: string }> {
  const keng = spawnKengProcess(t, options)
  const exit = await keng.exited
  return { ...exit, stdout: keng.stdout(), stderr: keng.stderr() }
}

const withoutKeng = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('KENG_')))
