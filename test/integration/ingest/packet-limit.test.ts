import { expect, test } from 'vitest'
import { CONNECT_LIMIT_BYTES, PACKET_LIMIT_BYTES } from '../../../services/ingest/packet-limit.ts'
import { createManualLog } from '../../support/manual-log.ts'
import { startIngest, tokenOf, waitFor } from '../../support/start-ingest.ts'

const TOPIC = 'keng/v1/ws-1/telemetry'
/** Near the limit, so that it comes in several reads. */
const LARGE = 'x'.repeat(PACKET_LIMIT_BYTES - 1024)

test('a large message sent at once on CONNACK, or not even waiting for it, is taken', async () => {
  const log = createManualLog()
  const ingest = await startIngest(log)
  for (const patient of [true, false]) {
    for (let time = 1; time <= 4; time++) {
      const device = await ingest.open()
      device.connect({ clientId: 'a', username: 'ws-1', password: tokenOf('ws-1'), clean: false })
      if (patient) await waitFor(() => device.received.length > 0)
      device.publish(TOPIC, LARGE, 1, time)
      await waitFor(() => log.held.length === 1 || device.closed)
      log.end()
      await waitFor(() => device.ids('puback').length === 1 || device.closed)
      expect(device.ids('puback'), `${patient} ${time}`).toEqual([time])
      device.destroy()
    }
  }
  expect(ingest.service.counters).toMatchObject({ acknowledged: 8, skippedPackets: 0 })
  expect(ingest.service.counters.refused['too-large']).toBe(0)
})

test('who has not logged in is cut when a packet announces more than 4 KiB', async () => {
  const ingest = await startIngest(createManualLog())
  const stranger = await ingest.open()
  const announced = CONNECT_LIMIT_BYTES + 1
  // Fixed header of a CONNECT, its length in two bytes of seven bits, and nothing behind it.
  stranger.sendBytes(Buffer.from([0x10, (announced & 0x7f) | 0x80, announced >> 7]))
  await waitFor(() => stranger.closed)
  expect(ingest.service.counters.refused['too-large']).toBe(1)
})
