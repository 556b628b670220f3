/** A device's persistent queue: every packet stays until it is acknowledged, and goes again in order after a cut. */

export interface OutboxEntry<Tag> {
  readonly payload: string
  /** Whatever the owner wants to know the packet by when it is acknowledged. */
  readonly tag: Tag
  /** The packet's MQTT identifier, kept when it is sent again [MQTT-4.4.0-1]; 0 before it was sent. */
  readonly packetId: number
  /** Whether it has gone out before, so that it must carry DUP [MQTT-3.3.1-1]. */
  readonly again: boolean
}

export interface Outbox<Tag> {
  /** Packets not acknowledged yet. */
  readonly size: number
  /** How many more may be added now. */
  readonly room: number
  /** Throws when there is no room: ask first. */
  add(payload: string, tag: Tag): void
  /** The next packet to send on this connection, oldest first, or undefined when the window is full or all are sent. */
  next(): OutboxEntry<Tag> | undefined
  /** Removes the packet; undefined for an identifier that waits for nothing. */
  acknowledge(packetId: number): Tag | undefined
  /** The connection is gone: all that is not acknowledged is to be sent again, in order. */
  rewind(): void
  /** An identifier that no waiting packet has. */
  freePacketId(): number
}

export interface OutboxOptions {
  /** Packets that may wait in all. */
  readonly capacity: number
  /** Packets that may be sent and not acknowledged. */
  readonly inFlight: number
}

interface Waiting<Tag> {
  readonly payload: string
  readonly tag: Tag
  packetId: number
}

const LARGEST_PACKET_ID = 65_535

export function createOutbox<Tag>({ capacity, inFlight }: OutboxOptions): Outbox<Tag> {
  if (inFlight >= LARGEST_PACKET_ID)
    throw new RangeError(`inFlight is ${inFlight}; MQTT has ${LARGEST_PACKET_ID} identifiers`)
  // Packets sent once are in `sent`, in order, because a Map keeps the order of insertion; the rest wait behind them.
  const sent = new Map<number, Waiting<Tag>>()
  let fresh: Waiting<Tag>[] = []
  let freshFrom = 0
  let toRepeat: Waiting<Tag>[] = []
  let lastId = 0

  const size = (): number => sent.size + fresh.length - freshFrom

  const freePacketId = (): number => {
    do {
      lastId = (lastId % LARGEST_PACKET_ID) + 1
    } while (sent.has(lastId))
    return lastId
  }

  const takeFresh = (): Waiting<Tag> | undefined => {
    const entry = fresh[freshFrom]
    if (entry === undefined) return undefined
    freshFrom++
    // Give the memory of what has left back now and then, not at every packet.
    if (freshFrom > 256 && freshFrom * 2 > fresh.length) {
      fresh = fresh.slice(freshFrom)
      freshFrom = 0
    }
    return entry
  }

  return {
    get size() {
      return size()
    },
    get room() {
      return capacity - size()
    },
    add(payload, tag) {
      if (size() >= capacity) throw new RangeError(`the outbox holds ${capacity} packets already`)
      fresh.push({ payload, tag, packetId: 0 })
    },
    next() {
      for (let repeat = toRepeat.shift(); repeat !== undefined; repeat = toRepeat.shift()) {
        if (sent.has(repeat.packetId)) return { ...repeat, again: true }
      }
      if (sent.size >= inFlight) return undefined
      const entry = takeFresh()
      if (entry === undefined) return undefined
      entry.packetId = freePacketId()
      sent.set(entry.packetId, entry)
      return { ...entry, again: false }
    },
    acknowledge(packetId) {
      const entry = sent.get(packetId)
      if (entry === undefined) return undefined
      sent.delete(packetId)
      return entry.tag
    },
    rewind() {
      toRepeat = [...sent.values()]
    },
    freePacketId,
  }
}
