/** A device that sends a few messages a second, one after the other, until it is told to stop; its own clock is right. */

import mqtt, { type MqttClient } from 'mqtt'

import type { Cleanup } from './cleanup.ts'

export type SteadyValues = Readonly<Record<string, number>>

export interface SteadyDevice {
  readonly id: string
  /** Whether messages carry the device's own time. */
  readonly hasClock: boolean
  /** Values beside the counter from the next message on. */
  values: SteadyValues
  /** Messages acknowledged so far; the counter of the last one is one less. */
  readonly acknowledged: number
  connect(mqttUrl: string): Promise<void>
  /** Resolves when nothing is on the way any more. */
  disconnect(): Promise<void>
}

export interface SteadyOptions {
  readonly id: string
  readonly token: string
  /** Channel that counts the messages. */
  readonly counter: string
  readonly hasClock: boolean
  readonly values: SteadyValues
}

const INTERVAL_MS = 200

export function createSteadyDevice(t: Cleanup, options: SteadyOptions): SteadyDevice {
  const { id, token: password, counter, hasClock } = options
  let acknowledged = 0
  let client: MqttClient | null = null
  let sending: Promise<void> = Promise.resolve()

  const send = async (to: MqttClient) => {
    while (client === to) {
      const values = { ...device.values, [counter]: acknowledged }
      const ts = hasClock ? { ts: Date.now() } : {}
      await to.publishAsync(`keng/v1/${id}/telemetry`, JSON.stringify({ ...ts, values }), { qos: 1 })
      acknowledged++
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS))
    }
  }

  const device: SteadyDevice = {
    id,
    hasClock,
    values: options.values,
    get acknowledged() {
      return acknowledged
    },
    async connect(mqttUrl) {
      client = await mqtt.connectAsync(mqttUrl, { username: id, password, clientId: id, reconnectPeriod: 0 })
      sending = send(client)
    },
    async disconnect() {
      const last = client
      client = null
      await sending
      await last?.endAsync()
    },
  }
  t.onTestFinished(async () => {
    const last = client
    client = null
    last?.end(true)
    await sending.catch(() => {}) // what was on the way when the test ended
  })
  return device
}
