/** `npm run bench`: measures the built server beside the bare broker, says what it finds, and writes it to bench-results/. */

import { mkdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { parseArgs } from 'node:util'

import type { Cleanup } from '../support/cleanup.ts'
import { alertLatency } from './scenarios/alert-latency.ts'
import { commune512 } from './scenarios/commune-512.ts'
import { diskWrites } from './scenarios/disk-writes.ts'
import { flat } from './scenarios/flat.ts'
import { memory10k } from './scenarios/memory-10k.ts'
import { overload } from './scenarios/overload.ts'
import { profile } from './scenarios/profile.ts'
import type { BenchOptions, Outcome, Scenario } from './scenarios/scenario.ts'
import { throughput } from './scenarios/throughput.ts'

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  throughput,
  'alert-latency': alertLatency,
  'memory-10k': memory10k,
  'commune-512': commune512,
  flat,
  'disk-writes': diskWrites,
  overload,
  profile,
}
/** Slows what it looks at, so it runs only when asked for. */
const ON_REQUEST: readonly string[] = ['profile']
const RESULTS = new URL('../../bench-results/', import.meta.url)

const USAGE = `npm run bench -- [--only ${Object.keys(SCENARIOS).join(',')}] [--seconds N] [--rounds N] [--clients N] [--window N] [--rate N] [--json]
`

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      clients: { type: 'string', default: '100' },
      window: { type: 'string', default: '20' },
      rate: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const positive = (name: string, text: string): number => {
    const number = Number(text)
    if (!(number > 0)) throw new Error(`--${name} ${text} is not a positive number`)
    return number
  }
  const optional = (name: 'seconds' | 'rate') => {
    const text = values[name]
    return text === undefined ? undefined : positive(name, text)
  }
  const names = values.only?.split(',') ?? Object.keys(SCENARIOS).filter((name) => !ON_REQUEST.includes(name))
  const unknown = names.filter((name) => SCENARIOS[name] === undefined)
  if (unknown.length > 0) throw new Error(`there is no scenario ${unknown.join(', ')}`)
  const options: BenchOptions = {
    seconds: optional('seconds'),
    rounds: positive('rounds', values.rounds),
    clients: positive('clients', values.clients),
    window: positive('window', values.window),
    rate: optional('rate'),
  }
  return { names, options, json: values.json }
}

const machine = () => ({
  cpu: os.cpus()[0]?.model ?? 'unknown',
  cores: os.cpus().length,
  memoryMb: Math.round(os.totalmem() / 1_000_000),
  kernel: os.release(),
  node: process.version,
  loadBefore: os.loadavg()[0] ?? 0,
})

/** What is started last is ended first. */
async function withCleanup<T>(use: (t: Cleanup) => Promise<T>): Promise<T> {
  const undo: (() => Promise<void> | void)[] = []
  try {
    return await use({ onTestFinished: (one) => void undo.push(one) })
  } finally {
    for (const one of undo.reverse()) await one()
  }
}

/** Returns whether everything wanted held. */
async function runScenario(name: string, options: BenchOptions, json: boolean): Promise<boolean> {
  const say = (line: string) => void process.stderr.write(`${name}: ${line}\n`)
  const run = SCENARIOS[name]
  if (run === undefined) return false
  const before = machine()
  const at = new Date().toISOString()
  const outcome: Outcome = await withCleanup((t) => run({ t, options, say }))
  const result = { name, at, machine: before, options, ...outcome }
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(new URL(`${name}.json`, RESULTS), `${JSON.stringify(result, null, 2)}\n`)
  const held = outcome.verdicts.every((verdict) => verdict.held)
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else process.stdout.write(`${held ? 'ok  ' : 'MISS'} ${name}: ${outcome.summary}\n`)
  for (const verdict of outcome.verdicts) if (!verdict.held) say(`wanted: ${verdict.wanted}`)
  return held
}

try {
  const { names, options, json } = readOptions()
  for (const name of names) if (!(await runScenario(name, options, json))) process.exitCode = 1
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  process.exitCode = 2
}
