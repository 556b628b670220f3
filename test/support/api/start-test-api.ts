/** An api that listens, readings to send through it, and what its clients have seen. */

import { expect } from 'vitest'

import type { LiveReading } from '../../../libs/ports/pipeline.ts'
import { createTestApi, NOW } from './create-test-api.ts'
import { openSse, type SseClient, type SseEvent } from './sse-client.ts'

type Test = Parameters<typeof createTestApi>[0]
type Limits = NonNullable<NonNullable<Parameters<typeof createTestApi>[1]>['live']>

export async function startTestApi(t: Test, live: Limits = {}) {
  const api = createTestApi(t, { live })
  const { port } = await api.api.start()
  return {
    ...api,
    port,
    open: (request: Partial<Parameters<typeof openSse>[1]> = {}) => openSse(t, { port, ...request }),
  }
}

export const reading = (n: number, changes: Partial<LiveReading> = {}): LiveReading => ({
  device: 'ws-01',
  channel: 'water.ph',
  value: n,
  ts: NOW + n,
  receivedAt: NOW + n,
  flags: [],
  ...changes,
})

export const ready = (client: SseClient) => expect.poll(() => client.events.length).toBeGreaterThan(0)
export const named = (client: SseClient, name: string): SseEvent[] =>
  client.events.filter(({ event }) => event === name)
export const pointOf = ({ data }: SseEvent): number => (data as { points: [[string, number]] }).points[0][1]
export const values = (client: SseClient): number[] => named(client, 'reading').map(pointOf)
export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)
