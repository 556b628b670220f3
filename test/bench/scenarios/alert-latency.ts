/** From a publish to the alert on the live stream, while a tenth of the full rate goes through, open loop. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { tempDir } from '../../support/temp-dir.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { crossThreshold } from '../load/cross-threshold.ts'
import { followAlerts } from '../load/follow-alerts.ts'
import { createLatencyHistogram } from '../load/latency-histogram.ts'
import { connectLoad } from '../load/start-load.ts'
import { settled } from '../measure/measure-load.ts'
import { startKeng } from '../servers/start-keng.ts'
import { benchRules, CROSSING } from './bench-rules.ts'
import { measureFullRate } from './full-rate.ts'
import type { Bench, Outcome } from './scenario.ts'

const DEFAULT_SECONDS = 30
const FULL_RATE_SECONDS = 5
const ALERT_DEVICES = 20
const CROSSINGS_PER_SECOND = 20
const STRAGGLER_LIMIT_MS = 5_000
const WANTED_P50_MS = 5
const WANTED_P99_MS = 25

export async function alertLatency(bench: Bench): Promise<Outcome> {
  const { t, options, say } = bench
  const seconds = options.seconds ?? DEFAULT_SECONDS
  const rules = join(tempDir(t), 'rules.json')
  writeFileSync(rules, JSON.stringify(benchRules()))
  const server = await startKeng(t, { env: { KENG_RULES: rules } })
  const fullRate = options.rate ?? (await measureFullRate(bench, server, FULL_RATE_SECONDS)).messagesPerSecond
  const messagesPerSecond = Math.round(fullRate / 10)

  const connected = await connectLoad(t, server, {
    devices: await server.devices(options.clients),
    loop: { kind: 'open', messagesPerSecond, seconds },
  })
  const histogram = createLatencyHistogram()
  const dueAt = new Map<string, number>()
  await followAlerts(t, server, ({ device, openedAt, state }) => {
    const key = `${device}/${openedAt}`
    const due = dueAt.get(key)
    if (state !== 'active' || due === undefined) return
    dueAt.delete(key)
    histogram.record(performance.now() - due)
  })
  say(`${messagesPerSecond} messages/s for ${seconds} s, ${CROSSINGS_PER_SECOND} crossings/s`)
  const [load, crossings] = await Promise.all([
    connected.run(),
    crossThreshold(t, server, {
      devices: await server.devices(ALERT_DEVICES),
      crossing: CROSSING,
      perSecond: CROSSINGS_PER_SECOND,
      seconds,
      onCrossing: (device, ts, due) => dueAt.set(`${device}/${ts}`, due),
    }),
  ])
  await waitUntil('the last alert has come', () => dueAt.size === 0, STRAGGLER_LIMIT_MS).catch(() => {}) // counted below
  const { otherwise } = await settled(server)
  const [p50Ms, p99Ms] = [histogram.quantile(0.5), histogram.quantile(0.99)]
  return {
    summary: `publish to alert p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, max ${histogram.max.toFixed(1)} ms of ${histogram.count} alerts at ${messagesPerSecond} messages/s (PUBACK p99 ${load.p99Ms.toFixed(1)} ms)`,
    verdicts: [
      { wanted: 'every crossing gives one alert', held: histogram.count === crossings },
      { wanted: 'every message is stored', held: otherwise === 0 && load.sent === load.acknowledged },
      { wanted: `p50 at most ${WANTED_P50_MS} ms`, held: p50Ms <= WANTED_P50_MS },
      { wanted: `p99 at most ${WANTED_P99_MS} ms`, held: p99Ms <= WANTED_P99_MS },
    ],
    figures: {
      fullRate,
      messagesPerSecond,
      crossings,
      alerts: histogram.count,
      p50Ms,
      p99Ms,
      maxMs: histogram.max,
      load,
    },
  }
}
