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
      const publish = (ts: number, value: number) =>
        client.publish(`keng/v1/${id}/telemetry`, JSON.stringify({ ts, values: { [crossing.channel]: value } }), {
          qos: 1,
        })
      return { id, publish }
    }),
  )
  for (const { publish } of publishers) publish(Date.now(), crossing.normal)
  await pause(1_000)

  const start = performance.now()
  const intervalMs = 1_000 / perSecond
  const returnAfterMs = (intervalMs * publishers.length) / 2
  const total = Math.floor(seconds * perSecond)
  for (let nth = 0; nth < total; nth++) {
    const publisher = publishers[nth % publishers.length]
    if (publisher === undefined) throw new Error('there is no device to cross a threshold')
    const due = start + nth * intervalMs
    await pause(Math.max(0, due - performance.now()))
    const ts = Date.now()
    onCrossing(publisher.id, ts, due)
    publisher.publish(ts, crossing.beyond)
    setTimeout(() => publisher.publish(Date.now(), crossing.normal), returnAfterMs)
  }
  return total
}
