/** Devices whose value crosses a limit now and then, by a schedule. */

import { setTimeout as pause } from 'node:timers/promises'
import { connectAsync } from 'mqtt'

import type { Cleanup } from '../../support/cleanup.ts'
import type { BenchServer } from '../servers/bench-server.ts'
import type { LoadDevice } from './load-options.ts'

export interface CrossingOptions {
  readonly devices: readonly LoadDevice[]
  readonly crossing: { readonly channel: string; readonly normal: number; readonly beyond: number }
  /** In all; each device crosses in its turn, and returns half-way to its next crossing. */
  readonly perSecond: number
  readonly seconds: number
  /** `ts` is the reading's own time, `due` when it was to be sent by the schedule, of `performance.now()`. */
  onCrossing(device: string, ts: number, due: number): void
}

/** Resolves with the number of crossings when all are sent. */
export async function crossThreshold(t: Cleanup, server: BenchServer, options: CrossingOptions): Promise<number> {
  const { devices, crossing, perSecond, seconds, onCrossing } = options
  const publishers = await Promise.all(
    devices.map(async ({ id, token }) => {
      const client = await connectAsync(`mqtt://127.0.0.1:${server.port}`, {
        clientId: id,
        username: id,
        ...(token === undefined ? {} : { password: token }),
      })
      t.onTestFinished(() => client.endAsync(true))
      let lastTs = 0
      /** `beforeSending` is told the reading's time. */
      const publish = (value: number, beforeSending?: (ts: number) => void) => {
        // Two values of one millisecond would be a revision; they happen when this process is held up.
        lastTs = Math.max(lastTs + 1, Date.now())
        beforeSending?.(lastTs)
        const payload = JSON.stringify({ ts: lastTs, values: { [crossing.channel]: value } })
        client.publish(`keng/v1/${id}/telemetry`, payload, { qos: 1 })
      }
      return { id, publish }
    }),
  )
  for (const { publish } of publishers) publish(crossing.normal)
  await pause(1_000)

  const start = performance.now()
  const intervalMs = 1_000 / perSecond
  const total = Math.floor(seconds * perSecond)
  const returnAfter = Math.ceil(publishers.length / 2)
  for (let nth = 0; nth < total + returnAfter; nth++) {
    const due = start + nth * intervalMs
    await pause(Math.max(0, due - performance.now()))
    if (nth >= returnAfter) publishers[(nth - returnAfter) % publishers.length]?.publish(crossing.normal)
    const publisher = publishers[nth % publishers.length]
    if (nth < total) publisher?.publish(crossing.beyond, (ts) => onCrossing(publisher.id, ts, due))
  }
  return total
}
