/** Mutated packets by the ten thousand against ingest: it neither falls over nor grows, and goes on serving who behaves. */

import net from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import mqttPacket from 'mqtt-packet'
import { expect, test } from 'vitest'

import type { EventLog } from '../../../libs/ports/event-log.ts'
import { anyPacket, connectPacket, goodPacket, mutate } from '../../support/mutate-packet.ts'
import { createSeededRandom, type SeededRandom } from '../../support/seeded-random.ts'
import { startIngest, tokenOf, waitFor } from '../../support/start-ingest.ts'

const PACKETS = Number(process.env.KENG_FUZZ_PACKETS ?? 20_000)
const SEED = Number(process.env.KENG_FUZZ_SEED ?? 20_261_122)
const PACKETS_A_CONNECTION = 5
const CONNECTIONS_AT_ONCE = 25
/** What a garbage collector leaves lying is below this; a leak of a kilobyte a packet would be above it. */
const GROWTH_BYTES = 16 * 1024 * 1024

/** Takes everything, keeps nothing. */
const createEndlessLog = (): EventLog => ({
  append: (_topic, _records, done) => void setImmediate(() => done(null, 0)),
  subscribe: async () => ({ commit() {}, close: async () => {} }),
  read: async () => {},
  extent: async () => ({ first: 0, end: 0 }),
  close: async () => {},
})

/** One connection: usually a right CONNECT, then mutated packets with good ones between them, in pieces of any size. Resolves when the server has closed it. */
async function attack(port: number, random: SeededRandom): Promise<void> {
  const packets = Array.from({ length: PACKETS_A_CONNECTION }, () =>
    Buffer.concat([goodPacket(random), goodPacket(random), mutate(anyPacket(random), random)]),
  )
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => {}) // to be cut off is what is expected
  const closed = new Promise((resolve) => socket.once('close', resolve))
  if (random.chance(0.9)) {
    socket.write(mqttPacket.generate(connectPacket(random, tokenOf('ws-1'))))
    // Some wait for CONNACK, as they should, some do not.
    if (random.chance(0.9)) await Promise.race([new Promise((resolve) => socket.once('data', resolve)), closed])
  }
  socket.resume()
  const bytes = Buffer.concat(packets)
  for (let at = 0; at < bytes.length; ) {
    const piece = random.chance(0.5) ? bytes.length : 1 + random.below(200)
    socket.write(bytes.subarray(at, at + piece))
    at += piece
  }
  if (random.chance(0.1)) socket.resetAndDestroy()
  else socket.end()
  await closed
}

function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test(
  `${PACKETS} mutated packets (seed ${SEED}) crash nothing, leave nothing behind and keep nobody waiting`,
  async () => {
    const random = createSeededRandom(SEED)
    const { service, port, login } = await startIngest(createEndlessLog())
    const good = await login('ws-2')
    let served = 0
    const serve = async () => {
      good.publish('keng/v1/ws-2/telemetry', '{}', 1, (served % 65_535) + 1)
      served++
      await waitFor(() => good.ids('puback').length === served)
    }
    let settledBytes = 0
    for (let sent = 0; sent < PACKETS; sent += PACKETS_A_CONNECTION * CONNECTIONS_AT_ONCE) {
      await Promise.all([serve(), ...Array.from({ length: CONNECTIONS_AT_ONCE }, () => attack(port, random))])
      if (settledBytes === 0 && sent >= PACKETS / 4) settledBytes = heldBytes()
    }
    await serve()
    expect(good.closed).toBe(false)
    await expect.poll(() => service.gauges()).toMatchObject({ connections: 1, inFlightBytes: 0, pausedClients: 0 })
    expect(heldBytes() - settledBytes).toBeLessThan(GROWTH_BYTES)
    // Were everything cut at the first byte, this would show nothing.
    const { acknowledged, refused } = service.counters
    expect(acknowledged).toBeGreaterThan(PACKETS / 50)
    for (const reason of ['publish', 'subscribe', 'will', 'protocol'] as const)
      expect(refused[reason]).toBeGreaterThan(0)
  },
  Math.max(30_000, PACKETS * 2),
)
