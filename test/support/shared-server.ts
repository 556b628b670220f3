/** One server for all tests of a file, with its devices and a bystander that none of them may disturb. */

import { readAdminToken } from '../../libs/runtime/data-dir.ts'
import { createServerClient, type ServerClient } from '../torture/server-client.ts'
import { type Bystander, startBystander } from './bystander.ts'
import type { Cleanup } from './cleanup.ts'
import { openRawMqtt, type RawMqtt } from './raw-mqtt.ts'
import { type KengProcess, spawnKeng } from './spawn-keng.ts'
import { waitUntil } from './wait-until.ts'

export interface LoginOptions {
  readonly clientId?: string
  readonly clean?: boolean
  readonly password?: string
  readonly will?: { readonly topic: string; readonly payload: string; readonly retain: boolean }
}

export interface SharedServer {
  readonly keng: KengProcess
  readonly http: string
  readonly mqttPort: number
  readonly client: ServerClient
  readonly bystander: Bystander
  readonly adminToken: string
  tokenOf(device: string): string
  /** A connection on which nothing is sent yet. */
  open(): Promise<RawMqtt>
  /** Sends CONNECT as the device and resolves with the answer there. */
  login(device: string, options?: LoginOptions): Promise<RawMqtt>
  /** Registers devices that a test needs beside those of the start. */
  register(...devices: (string | Record<string, unknown>)[]): Promise<void>
}

export async function startSharedServer(t: Cleanup, env: Record<string, string> = {}): Promise<SharedServer> {
  const keng = await spawnKeng(t, { env })
  const { http, mqtt } = keng.ready
  const mqttPort = Number(new URL(mqtt).port)
  const client = createServerClient(http, keng.dataDir)
  const tokens = new Map<string, string>()
  const register = async (...devices: (string | Record<string, unknown>)[]) => {
    for (const { id, token } of await client.register(devices)) tokens.set(id, token)
  }
  const tokenOf = (device: string): string => tokens.get(device) ?? ''
  const open = async () => {
    const connection = await openRawMqtt(mqttPort)
    t.onTestFinished(() => connection.destroy())
    return connection
  }
  await register('bystander')
  const bystander = await startBystander(t, mqtt, { id: 'bystander', token: tokenOf('bystander') })
  return {
    keng,
    http,
    mqttPort,
    client,
    bystander,
    adminToken: readAdminToken(keng.dataDir),
    tokenOf,
    open,
    register,
    async login(device, { clientId = device, clean = true, password = tokenOf(device), will } = {}) {
      const connection = await open()
      connection.send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId,
        clean,
        keepalive: 60,
        username: device,
        password: Buffer.from(password),
        ...(will === undefined ? {} : { will: { ...will, payload: Buffer.from(will.payload), qos: 1 } }),
      })
      await waitUntil('CONNECT is answered', () => connection.received.length > 0 || connection.closed)
      return connection
    },
  }
}
