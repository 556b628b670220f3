/** Writes PUBACKs: all that become due for a client in one turn of the event loop in one write. */

import { type BrokerClient, resumeReading } from './aedes-client.ts'

export interface AckWriter {
  /** Message ids in the order their messages were received. */
  write(client: BrokerClient, ids: readonly number[]): void
}

const PUBACK = 0x40
const PUBACK_BYTES = 4

export function createAckWriter(): AckWriter {
  let due = new Map<BrokerClient, number[]>()

  const flush = () => {
    const clients = due
    due = new Map()
    for (const [client, ids] of clients) if (!client.closed) send(client, ids)
  }

  return {
    write(client, ids) {
      if (due.size === 0) process.nextTick(flush)
      const waiting = due.get(client)
      if (waiting === undefined) due.set(client, [...ids])
      else for (const id of ids) waiting.push(id)
    },
  }
}

function send(client: BrokerClient, ids: readonly number[]): void {
  const bytes = Buffer.allocUnsafe(ids.length * PUBACK_BYTES)
  let at = 0
  for (const id of ids) {
    bytes[at] = PUBACK
    bytes[at + 1] = 2
    bytes[at + 2] = id >> 8
    bytes[at + 3] = id & 0xff
    at += PUBACK_BYTES
  }
  if (client.conn.write(bytes)) return
  // Somebody who does not read the answers is not read either; Aedes cuts it when nothing drains (drainTimeout).
  client.pause()
  client.waitForDrain((error) => {
    if (!error && !client.closed && !client.keng?.paused) resumeReading(client)
  })
}
