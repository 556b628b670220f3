/** QoS 2 message ids between PUBLISH and PUBREL, by session: what has been made durable is not appended a second time. */

type Waiter = (error: Error | null) => void

/** `stored`: durable, PUBREC is owed. An array: the append is pending and the message and its resends wait for it. */
type Entry = 'stored' | Waiter[]

export interface InboundWindow {
  /**
   * `append`: new, make it durable and then call `settle`. `wait`: the same id is being appended. In both, `waiter` is
   * called when that ends. `stored`: answer PUBREC. `full`: the session holds too many ids that were never released.
   */
  receive(session: string, messageId: number, waiter: Waiter): 'append' | 'wait' | 'stored' | 'full'
  /** The append ended: an error forgets the id, so that the resend is a new message. */
  settle(session: string, messageId: number, error: Error | null): void
  /** PUBREL: the id may be used again. */
  release(session: string, messageId: number): void
  /** A clean session ends or begins. Ids whose append is pending stay until it has ended. */
  forget(session: string): void
  isStored(session: string, messageId: number): boolean
  readonly sessions: number
}

/** `limit`: ids a session may hold; MQTT 3.1.1 has no way to tell the client, so a session over it is cut. */
export function createInboundWindow(limit: number): InboundWindow {
  const sessions = new Map<string, Map<number, Entry>>()
  const drop = (session: string, ids: Map<number, Entry>, messageId: number) => {
    ids.delete(messageId)
    if (ids.size === 0) sessions.delete(session)
  }
  return {
    receive(session, messageId, waiter) {
      let ids = sessions.get(session)
      if (ids === undefined) {
        ids = new Map()
        sessions.set(session, ids)
      }
      const entry = ids.get(messageId)
      if (entry === 'stored') return 'stored'
      if (entry !== undefined) {
        entry.push(waiter)
        return 'wait'
      }
      if (ids.size >= limit) return 'full'
      ids.set(messageId, [waiter])
      return 'append'
    },
    settle(session, messageId, error) {
      const ids = sessions.get(session)
      const entry = ids?.get(messageId)
      if (ids === undefined || entry === undefined || entry === 'stored') return
      if (error) drop(session, ids, messageId)
      else ids.set(messageId, 'stored')
      for (const waiter of entry) waiter(error)
    },
    release(session, messageId) {
      const ids = sessions.get(session)
      if (ids?.get(messageId) === 'stored') drop(session, ids, messageId)
    },
    forget(session) {
      const ids = sessions.get(session)
      if (ids === undefined) return
      for (const [messageId, entry] of ids) if (entry === 'stored') drop(session, ids, messageId)
    },
    isStored: (session, messageId) => sessions.get(session)?.get(messageId) === 'stored',
    get sessions() {
      return sessions.size
    },
  }
}
