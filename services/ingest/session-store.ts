/** Aedes' memory persistence with bounds: QoS 2 ids live in the inbound window, offline queues have an end. */

import type { Client } from 'aedes'
import { asBrokerClient } from './aedes-client.ts'
import type { InboundWindow } from './inbound-window.ts'

export interface SessionStoreOptions {
  readonly inbound: InboundWindow
  /** Messages kept for a session while it is away (only `…/rejected` and status are routed to devices). */
  readonly maxQueuedPerSession: number
  readonly onQueueFull: (session: string) => void
  /** Whether the client may have messages of this topic kept for it. */
  readonly mayKeep: (client: Client, topic: string) => boolean
}

/** The methods of aedes-persistence 11 that change; the rest is its own (asyncPersistence.js). */
interface MemoryStore {
  addSubscriptions(client: Client, subscriptions: readonly { topic: string }[]): Promise<void>
  incomingGetPacket(client: Client, packet: Packet): Promise<Packet>
  incomingStorePacket(client: Client, packet: Packet): Promise<void>
  incomingDelPacket(client: Client, packet: Packet): Promise<void>
  cleanIncoming(client: Client): Promise<void>
  outgoingEnqueueCombi(subscriptions: readonly { clientId: string }[], packet: Packet): Promise<void>
  outgoingClearMessageId(client: Client, packet: Packet): Promise<Packet | undefined>
}

interface Packet {
  readonly messageId?: number
}

const sessionOf = (client: Client): string => asBrokerClient(client).keng?.session ?? client.id

/**
 * Changes the broker's persistence in place. Aedes asks it for PUBREC and PUBREL; the append itself is done in
 * `authorizePublish`, before Aedes gets here.
 */
export function boundSessionStore(
  persistence: object,
  { inbound, maxQueuedPerSession, onQueueFull, mayKeep }: SessionStoreOptions,
): void {
  const store = persistence as MemoryStore
  const queued = new Map<string, number>()
  const enqueue = store.outgoingEnqueueCombi.bind(store)
  const clear = store.outgoingClearMessageId.bind(store)

  const add = store.addSubscriptions.bind(store)

  // Aedes hands over all that SUBSCRIBE named, the refused as well: others' messages would be kept and sent on the next login.
  store.addSubscriptions = async (client, subscriptions) =>
    add(
      client,
      subscriptions.filter(({ topic }) => mayKeep(client, topic)),
    )
  store.incomingGetPacket = async (client, packet) => {
    const { messageId } = packet
    if (messageId === undefined || !inbound.isStored(sessionOf(client), messageId)) throw new Error('no such packet')
    return packet
  }
  // The id is in the window by the time Aedes asks, so Aedes takes the branch of a packet it knows and writes PUBREC.
  store.incomingStorePacket = async () => {}
  store.incomingDelPacket = async (client, { messageId }) => {
    if (messageId !== undefined) inbound.release(sessionOf(client), messageId)
  }
  store.cleanIncoming = async (client) => inbound.forget(sessionOf(client))
  store.outgoingEnqueueCombi = async (subscriptions, packet) => {
    const open = subscriptions.filter(({ clientId }) => {
      const count = queued.get(clientId) ?? 0
      if (count >= maxQueuedPerSession) onQueueFull(clientId)
      else queued.set(clientId, count + 1)
      return count < maxQueuedPerSession
    })
    await enqueue(open, packet)
  }
  store.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet)
    if (cleared !== undefined) queued.set(client.id, Math.max(0, (queued.get(client.id) ?? 0) - 1))
    return cleared
  }
}
