/** The load generator, a process of its own: `load-generator.ts OPTIONS.json`. Prints LoadReady, waits for a line, prints LoadResult. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

import { createLatencyHistogram } from './load/latency-histogram.ts'
import { type LoadClient, openLoadClient } from './load/load-client.ts'
import type { LoadOptions, LoadReady, LoadResult } from './load/load-options.ts'
import { type LoadListener, runLoad } from './load/run-load.ts'

/** Connections that may be waiting for their CONNACK: more than a server's accept queue takes would be retried by TCP. */
const CONNECTING_AT_ONCE = 100

async function openAll(
  options: LoadOptions,
  listener: LoadListener,
  latency: (milliseconds: number) => void,
): Promise<LoadClient[]> {
  const events = {
    latency,
    acknowledged: (client: LoadClient, count: number) => listener.acknowledged(client, count),
    cut: (client: LoadClient) => listener.cut(client),
  }
  const start = performance.now()
  const clients: LoadClient[] = []
  let next = 0
  const openSome = async () => {
    for (let at = next++; at < options.devices.length; at = next++) {
      const device = options.devices[at]
      if (device === undefined) return
      const early = start + (at * 1000) / options.connectsPerSecond - performance.now()
      if (early > 0) await pause(early)
      clients.push(await openLoadClient(device, options, events))
    }
  }
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, openSome))
  return clients
}

const print = (line: LoadReady | LoadResult) => process.stdout.write(`${JSON.stringify(line)}\n`)
const round = (value: number) => Number(value.toFixed(3))

const options = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as LoadOptions
const histogram = createLatencyHistogram()
const listener: LoadListener = { acknowledged() {}, cut() {} }
const clients = await openAll(options, listener, histogram.record)
print({ connected: clients.length })
await once(process.stdin, 'data')

const cpuBefore = process.cpuUsage()
const { acknowledged, unsent, elapsedMs } = await runLoad(clients, options.loop, listener, options.drainSeconds * 1000)
const cpu = process.cpuUsage(cpuBefore)
print({
  sent: clients.reduce((sum, client) => sum + client.sent, 0),
  acknowledged,
  unsent,
  cut: clients.filter(({ isCut }) => isCut).length,
  unfinished: clients
    .filter((client) => client.acknowledged < client.sent)
    .map(({ device, sent, acknowledged }) => ({ device, sent, acknowledged })),
  seconds: round(elapsedMs / 1000),
  messagesPerSecond: Math.round((acknowledged * 1000) / elapsedMs),
  p50Ms: round(histogram.quantile(0.5)),
  p99Ms: round(histogram.quantile(0.99)),
  p999Ms: round(histogram.quantile(0.999)),
  maxMs: round(histogram.max),
  generatorCores: round((cpu.user + cpu.system) / 1000 / elapsedMs),
})
for (const client of clients) client.end()
process.stdin.destroy()
