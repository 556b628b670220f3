/** A device that publishes all the time and minds nobody's business: what others do must neither lose nor stall its messages. */

import mqtt from 'mqtt'
import { expect } from 'vitest'

import type { ServerClient } from '../torture/server-client.ts'
import type { Cleanup } from './cleanup.ts'

export interface Bystander {
  /** Stops publishing and expects that each message was acknowledged in good time and is stored. */
  expectUndisturbed(client: ServerClient): Promise<void>
}

const PERIOD_MS = 10
const CHANNEL = 'water.level'
/** Far above a sync on a slow disk of a busy machine, far below what makes a device give up. */
const P99_LIMIT_MS = 1_500

export async function startBystander(
  t: Cleanup,
  address: string,
  { id, token }: { readonly id: string; readonly token: string },
): Promise<Bystander> {
  const began = Date.now()
  const waits: Promise<number>[] = []
  const client = await mqtt.connectAsync(address, {
    username: id,
    password: token,
    reconnectPeriod: 0,
    reconnectOnConnackError: false,
  })
  let cut = false
  client.on('close', () => {
    cut = true
  })
  const publish = async (seq: number): Promise<number> => {
    const sent = performance.now()
    const message = { ts: began + seq, boot: 'b', seq, values: { [CHANNEL]: 1 + (seq % 50) / 100 } }
    await client.publishAsync(`keng/v1/${id}/telemetry`, JSON.stringify(message), { qos: 1 })
    return performance.now() - sent
  }
  const timer = setInterval(() => {
    const wait = publish(waits.length)
    wait.catch(() => {}) // told by expectUndisturbed
    waits.push(wait)
  }, PERIOD_MS)
  t.onTestFinished(() => {
    clearInterval(timer)
    client.end(true)
  })
  return {
    async expectUndisturbed(server) {
      clearInterval(timer)
      const times = (await Promise.all(waits)).sort((a, b) => a - b)
      expect(cut).toBe(false)
      expect(times.length).toBeGreaterThan(10)
      expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(P99_LIMIT_MS)
      await expect
        .poll(() => server.ledger(`?device=${id}`))
        .toMatchObject({ received: times.length, stored: times.length, inFlight: 0 })
      expect(await server.values(id, CHANNEL, began, began + times.length)).toHaveLength(times.length)
    },
  }
}
