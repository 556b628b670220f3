/** Devices that send without a pause, come back after every cut and send again, and what the API must say of them in the end. */

import { expect } from 'vitest'

import type { ServerClient } from '../torture/server-client.ts'
import { createTortureDevice, type TortureDevice } from '../torture/torture-device.ts'
import type { Cleanup } from './cleanup.ts'
import { waitUntil } from './wait-until.ts'

/** A connection that the server ended. */
export interface Cut {
  readonly device: string
  /** Milliseconds since the device's last acknowledgement. */
  readonly afterMs: number
}

export interface UntiringDevices {
  readonly devices: readonly TortureDevice[]
  /** In order. */
  readonly cuts: readonly Cut[]
  acknowledged(): number
  /** To a server that has started anew; the port may be another. */
  connect(port: number): void
  /** Makes no new messages and resolves when every message is acknowledged. */
  finish(): Promise<void>
}

export interface UntiringOptions {
  readonly port: number
  readonly devices?: number
  readonly window?: number
  readonly keepaliveSeconds?: number
  readonly padBytes?: number
}

const DEVICES = 3
const WINDOW = 10
/** A server that is being killed refuses: not in a loop without a breath. */
const COME_BACK_MS = 50
const FINISH_MS = 30_000

/** The first sends QoS 1 and 2 in turn, the others QoS 1. */
export async function startUntiringDevices(
  t: Cleanup,
  client: ServerClient,
  options: UntiringOptions,
): Promise<UntiringDevices> {
  const { devices: count = DEVICES, window = WINDOW, keepaliveSeconds, padBytes } = options
  let { port } = options
  const cuts: Cut[] = []
  const startTs = Date.now()
  let over = false
  const issued = await client.register(Array.from({ length: count }, (_, at) => `untiring-${at}`))
  const devices = issued.map(({ id, token }, at) => {
    const device: TortureDevice = createTortureDevice({
      ...{ id, token, window, startTs, qos: at === 0 ? 'mixed' : 1 },
      ...(keepaliveSeconds === undefined ? {} : { keepaliveSeconds }),
      ...(padBytes === undefined ? {} : { padBytes }),
      onClosed: () => {
        cuts.push({ device: id, afterMs: performance.now() - device.acknowledgedAt })
        setTimeout(() => over || device.connect(port), COME_BACK_MS)
      },
    })
    return device
  })
  t.onTestFinished(() => {
    over = true
    for (const device of devices) device.drop()
  })
  const connect = () => {
    for (const device of devices) device.connect(port)
  }
  connect()
  return {
    devices,
    cuts,
    acknowledged: () => devices.reduce((sum, device) => sum + device.acknowledged.length, 0),
    connect(newPort) {
      port = newPort
      connect()
    },
    async finish() {
      for (const device of devices) device.finish()
      await waitUntil('every message is acknowledged', () => devices.every(({ waiting }) => waiting === 0), FINISH_MS)
    },
  }
}

/** After `finish`: each message is stored once, and its device's ledger says so to the last one. */
export async function expectEachStoredOnce(client: ServerClient, devices: readonly TortureDevice[]): Promise<void> {
  await waitUntil('nothing is in flight', async () => (await client.ledger()).inFlight === 0, FINISH_MS)
  for (const { id, produced } of devices) {
    const values = await client.values(id, 'device.counter', 0, Date.now() + produced)
    // Event times grow with the sequence numbers, so the answer is in their order.
    expect(values, id).toEqual(Array.from({ length: produced }, (_, seq) => seq))
    const { received, stored, duplicate, ...others } = await client.ledger(`?device=${id}`)
    expect({ id, stored, ...others }).toEqual({ id, stored: produced, partial: 0, rejected: 0, inFlight: 0 })
    expect(received).toBe(stored + duplicate)
  }
}
