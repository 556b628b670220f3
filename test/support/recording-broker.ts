/** A bare broker that remembers what was published and acknowledged, and that breaks connections when told to. */

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'

import type { Cleanup } from './cleanup.ts'

export interface Received {
  readonly device: string
  readonly topic: string
  readonly payload: string
  readonly dup: boolean
  readonly retain: boolean
  readonly messageId: number | undefined
}

export interface RecordingBroker {
  readonly url: string
  /** Every PUBLISH in the order of arrival, wills included (with the device of their topic). */
  readonly received: readonly Received[]
  readonly connections: () => number
  /** Takes the next so many telemetry packets and breaks the connection instead of acknowledging each. */
  breakInsteadOfAcknowledging(packets: number): void
  /** Drops every connection now. */
  cutAll(): void
  /** Refuses logins (CONNACK 4) while true. */
  refuseLogins(refuse: boolean): void
}

const deviceOf = (topic: string): string => topic.split('/')[2] ?? ''

export async function startRecordingBroker(t: Cleanup): Promise<RecordingBroker> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  let toBreak = 0
  let refusing = false
  const broker = await Aedes.createBroker({
    authenticate: (_client, _username, _password, done) => {
      if (refusing) done(Object.assign(new Error('refused'), { returnCode: 4 }), false)
      else done(null, true)
    },
    authorizePublish: (client, packet, done) => {
      received.push({
        device: client?.id ?? deviceOf(packet.topic),
        topic: packet.topic,
        payload: packet.payload.toString(),
        dup: packet.dup === true,
        retain: packet.retain,
        messageId: packet.messageId,
      })
      if (toBreak > 0 && packet.topic.endsWith('/telemetry')) {
        toBreak--
        done(new Error('broken off before the PUBACK'))
      } else done(null)
    },
  })
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    broker.handle(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => broker.close(() => resolve()))
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    connections: () => sockets.size,
    breakInsteadOfAcknowledging(packets) {
      toBreak = packets
    },
    cutAll() {
      for (const socket of sockets) socket.destroy()
    },
    refuseLogins(refuse) {
      refusing = refuse
    },
  }
}
