import { describe, expect, test } from 'vitest'
import { decodeRaw } from '../../../libs/core/log/raw-record.ts'
import { createManualLog, type ManualLog } from '../../support/manual-log.ts'
import { type StartedIngest, startIngest, waitFor } from '../../support/start-ingest.ts'

const TOPIC = 'keng/v1/ws-1/telemetry'

const payloads = (log: ManualLog): string[] =>
  log.stored.flatMap((value) => {
    const record = decodeRaw(value)
    return record.kind === 'message' ? [record.payload.toString()] : []
  })

/** Another device logs in and is answered: the broker had time to acknowledge, had it wanted to. */
const letBrokerWork = async ({ login }: StartedIngest) => {
  const other = await login('ws-2')
  other.send({ cmd: 'pingreq' })
  await waitFor(() => other.received.some(({ cmd }) => cmd === 'pingresp'))
}

describe('QoS 1', () => {
  test('PUBACK waits for the log and follows it', async () => {
    const log = createManualLog()
    const ingest = await startIngest(log)
    const { login } = ingest
    const device = await login('ws-1')
    device.publish(TOPIC, 'a', 1, 11)
    await waitFor(() => log.held.length === 1)
    await letBrokerWork(ingest)
    expect(device.ids('puback')).toEqual([])
    log.end()
    await waitFor(() => device.ids('puback').length === 1)
    expect(device.ids('puback')).toEqual([11])
    expect(payloads(log)).toEqual(['a'])
  })

  test('PUBACKs leave in the order received when appends end in another order', async () => {
    const log = createManualLog()
    const ingest = await startIngest(log)
    const { login } = ingest
    const device = await login('ws-1')
    for (const id of [1, 2, 3, 4]) {
      device.publish(TOPIC, `m${id}`, 1, id)
      await waitFor(() => log.held.length === id) // one read, one append
    }
    for (const at of [3, 1, 1]) log.end(null, at)
    await letBrokerWork(ingest)
    expect(device.ids('puback')).toEqual([])
    log.end()
    await waitFor(() => device.ids('puback').length === 4)
    expect(device.ids('puback')).toEqual([1, 2, 3, 4])
  })

  test('a message that cannot be made durable is not acknowledged and the connection is cut', async () => {
    const log = createManualLog()
    const ingest = await startIngest(log)
    const { login } = ingest
    const device = await login('ws-1')
    device.publish(TOPIC, 'a', 1, 1)
    await waitFor(() => log.held.length === 1)
    log.end(new Error('disk'))
    await waitFor(() => device.closed)
    expect(device.ids('puback')).toEqual([])
  })

  test('a message that waits longer than half the keepalive cuts the connection', async () => {
    const log = createManualLog()
    const { login, service } = await startIngest(log)
    const device = await login('ws-1', { keepalive: 2 })
    device.publish(TOPIC, 'a', 1, 1)
    await waitFor(() => device.closed)
    expect(device.ids('puback')).toEqual([])
    expect(service.counters.refused.stuck).toBe(1)
    log.letThrough()
  }, 10_000)
})

describe('QoS 2', () => {
  test('PUBREC waits for the log; a resend of what is stored is answered and not stored again', async () => {
    const log = createManualLog()
    const ingest = await startIngest(log)
    const { login } = ingest
    const device = await login('ws-1')
    device.publish(TOPIC, 'a', 2, 5)
    await waitFor(() => log.held.length === 1)
    await letBrokerWork(ingest)
    expect(device.ids('pubrec')).toEqual([])
    log.end()
    await waitFor(() => device.ids('pubrec').length === 1)
    device.publish(TOPIC, 'a', 2, 5, true)
    await waitFor(() => device.ids('pubrec').length === 2)
    device.send({ cmd: 'pubrel', messageId: 5 })
    await waitFor(() => device.ids('pubcomp').length === 1)
    expect(payloads(log)).toEqual(['a'])
    device.publish(TOPIC, 'b', 2, 5)
    await waitFor(() => log.held.length === 1)
    log.end()
    await waitFor(() => device.ids('pubrec').length === 3)
    expect(payloads(log)).toEqual(['a', 'b'])
  })

  test('a resend on a resumed session while the append is pending waits for it and is stored once', async () => {
    const log = createManualLog()
    const ingest = await startIngest(log)
    const { login } = ingest
    const session = { clientId: 'c', clean: false }
    const first = await login('ws-1', session)
    first.publish(TOPIC, 'a', 2, 5)
    await waitFor(() => log.held.length === 1)
    first.destroy()
    const second = await login('ws-1', session)
    second.publish(TOPIC, 'a', 2, 5, true)
    await letBrokerWork(ingest)
    expect(second.ids('pubrec')).toEqual([])
    expect(log.held.length).toBe(1)
    log.end()
    await waitFor(() => second.ids('pubrec').length === 1)
    expect(payloads(log)).toEqual(['a'])
  })

  test('after an append that failed the resend on the resumed session is stored, once', async () => {
    const log = createManualLog()
    const ingest = await startIngest(log)
    const { login } = ingest
    const session = { clientId: 'c', clean: false }
    const first = await login('ws-1', session)
    first.publish(TOPIC, 'a', 2, 5)
    await waitFor(() => log.held.length === 1)
    log.end(new Error('disk'))
    await waitFor(() => first.closed)
    expect(first.ids('pubrec')).toEqual([])
    log.letThrough()
    const second = await login('ws-1', session)
    second.publish(TOPIC, 'a', 2, 5, true)
    await waitFor(() => second.ids('pubrec').length === 1)
    expect(payloads(log)).toEqual(['a'])
  })

  test('a new clean session may use an id that an old one left pending', async () => {
    const log = createManualLog()
    const ingest = await startIngest(log)
    const { login } = ingest
    const first = await login('ws-1', { clientId: 'c' })
    first.publish(TOPIC, 'a', 2, 5)
    await waitFor(() => log.held.length === 1)
    first.destroy()
    const second = await login('ws-1', { clientId: 'c' })
    second.publish(TOPIC, 'b', 2, 5)
    await waitFor(() => log.held.length === 2)
    log.letThrough()
    await waitFor(() => second.ids('pubrec').length === 1)
    expect(payloads(log)).toEqual(['a', 'b'])
  })
})

describe('back-pressure', () => {
  test('a client at its bound is not read until its messages are durable, others are, and nothing is lost', async () => {
    const log = createManualLog()
    const { login, service } = await startIngest(log, undefined, { maxInFlightBytesPerClient: 32 * 1024 })
    const greedy = await login('ws-1')
    const body = 'x'.repeat(10_000)
    for (let id = 1; id <= 400; id++) greedy.publish(TOPIC, body, 1, id)
    await waitFor(() => service.gauges().pausedClients === 1)
    const modest = await login('ws-2')
    modest.publish('keng/v1/ws-2/telemetry', 'm', 1, 1)
    await waitFor(() => log.held.some(({ records }) => (records[0]?.value?.length ?? 0) < 1_000))
    // The socket is read in chunks of 64 KiB, so the bound is passed by less than one of them.
    expect(service.gauges().inFlightBytes).toBeLessThan(32 * 1024 + 64 * 1024)
    log.letThrough()
    await waitFor(() => greedy.ids('puback').length === 400)
    expect(greedy.ids('puback')).toEqual([...Array(400).keys()].map((index) => index + 1))
    expect(service.gauges()).toMatchObject({ inFlightBytes: 0, pausedClients: 0 })
  }, 10_000)

  test('the bound of all clients pauses those that publish and lets them go on', async () => {
    const log = createManualLog()
    const { login, service } = await startIngest(log, undefined, {
      maxInFlightBytesPerClient: 16 * 1024,
      maxInFlightBytes: 48 * 1024,
    })
    const devices = [await login('ws-1', { clientId: 'a' }), await login('ws-1', { clientId: 'b' })]
    for (const device of devices) for (let id = 1; id <= 100; id++) device.publish(TOPIC, 'x'.repeat(10_000), 1, id)
    await waitFor(() => service.gauges().pausedClients > 0)
    log.letThrough()
    await waitFor(() => devices.every((device) => device.ids('puback').length === 100))
    expect(service.gauges().pausedClients).toBe(0)
  }, 10_000)
})
