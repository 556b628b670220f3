/** Kills the server again and again under load, then counts: no acknowledged message missing, none twice, order kept. */

import { type KengProcess, spawnKeng } from '../support/spawn-keng.ts'
import { readSequences } from './read-raw.ts'
import { createServerClient, type ServerClient } from './server-client.ts'
import { createTortureDevice, type TortureDevice, type TortureQos } from './torture-device.ts'

export interface TortureOptions {
  readonly kills: number
  readonly devices: number
  /** Decides the moments of the kills. */
  readonly seed: number
  readonly dataDir: string
  readonly onKill?: (kill: number, acknowledged: number) => void
}

export interface TortureReport {
  readonly kills: number
  readonly acknowledged: number
  readonly stored: number
  /** `device/seq` of each, at most a hundred. */
  readonly missing: readonly string[]
  readonly twice: readonly string[]
  readonly outOfOrder: readonly string[]
  readonly ledger: Readonly<Record<string, number>>
  readonly slowestRecoveryMs: number
}

interface Ends {
  onTestFinished(end: () => Promise<void> | void): void
}

type Server = KengProcess & { readonly ready: { readonly http: string; readonly mqtt: string } }

const QOS: readonly TortureQos[] = [1, 2, 'mixed']
const LONGEST_LOAD_MS = 600

export async function torture(t: Ends, options: TortureOptions): Promise<TortureReport> {
  const { dataDir, kills } = options
  const random = createRandom(options.seed)
  const startTs = Date.now()
  let server: Server = await spawnKeng(t, { dataDir })
  let client = createServerClient(server.ready.http, dataDir)
  const devices = await register(client, options.devices, startTs)
  let slowestRecoveryMs = 0

  for (let kill = 1; kill <= kills; kill++) {
    for (const device of devices) device.connect(portOf(server))
    await after(random() * LONGEST_LOAD_MS)
    await server.kill('SIGKILL')
    const began = performance.now()
    server = await spawnKeng(t, { dataDir })
    slowestRecoveryMs = Math.max(slowestRecoveryMs, performance.now() - began)
    options.onKill?.(kill, sum(devices))
  }
  for (const device of devices) device.finish()
  for (const device of devices) device.connect(portOf(server))
  await until('every message is acknowledged', () => devices.every((device) => device.waiting === 0))
  client = createServerClient(server.ready.http, dataDir)
  await until('nothing is in flight', async () => (await client.ledger()).inFlight === 0)
  const stored = await count(client, devices, startTs)
  const ledger = await client.ledger()
  for (const device of devices) device.drop()
  await server.kill('SIGTERM')
  const outOfOrder = disordered(await readSequences(`${dataDir}/log`))
  return { kills, acknowledged: sum(devices), ...stored, outOfOrder, ledger, slowestRecoveryMs }
}

async function register(client: ServerClient, count: number, startTs: number): Promise<TortureDevice[]> {
  const ids = Array.from({ length: count }, (_, number) => `torture-${number}`)
  const issued = await client.register(ids)
  return issued.map(({ id, token }, at) =>
    createTortureDevice({ id, token, qos: QOS[at % QOS.length] ?? 1, window: 20, startTs }),
  )
}

/** Compares what each device had acknowledged with what the API gives back. */
async function count(client: ServerClient, devices: readonly TortureDevice[], startTs: number) {
  const missing: string[] = []
  const twice: string[] = []
  let stored = 0
  for (const { id, acknowledged, produced } of devices) {
    const values = await client.values(id, 'device.counter', startTs, startTs + produced)
    stored += values.length
    const times = new Map<number, number>()
    for (const value of values) times.set(value, (times.get(value) ?? 0) + 1)
    for (const seq of acknowledged) if (!times.has(seq)) missing.push(`${id}/${seq}`)
    for (const [seq, number] of times) if (number > 1) twice.push(`${id}/${seq}`)
  }
  return { stored, missing: missing.slice(0, 100), twice: twice.slice(0, 100) }
}

function disordered(sequences: ReadonlyMap<string, readonly number[]>): string[] {
  const found: string[] = []
  for (const [device, sequence] of sequences) {
    sequence.forEach((seq, at) => {
      const before = sequence[at - 1]
      if (before !== undefined && seq < before) found.push(`${device}/${seq} after ${before}`)
    })
  }
  return found.slice(0, 100)
}

const sum = (devices: readonly TortureDevice[]): number =>
  devices.reduce((total, { acknowledged }) => total + acknowledged.length, 0)

const portOf = ({ ready }: Server): number => Number(new URL(ready.mqtt).port)

/** The moment of a kill is the one thing here that is meant to pass by the clock. */
const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

const LIMIT_MS = 30_000

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + LIMIT_MS
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`not within ${LIMIT_MS} ms: ${what}`)
    await after(20)
  }
}

/** mulberry32: small, seeded, good enough to scatter moments. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
