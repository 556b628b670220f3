/** The live stream's events in one order, kept for a while, and the clients that follow them. */

import { randomBytes } from 'node:crypto'

import type { Clock } from '../../../libs/ports/clock.ts'
import type { LiveReading, LiveReadings } from '../../../libs/ports/pipeline.ts'
import type { LiveLimits } from '../api-deps.ts'
import { createEventRing } from './event-ring.ts'
import type { FeedCounters } from './feed-counters.ts'
import { createFollower, type Follower, type Sink } from './follower.ts'
import { frame, type LiveEvent, type LiveType, type LiveWish } from './live-event.ts'

export interface LiveFeedDeps {
  readonly live: LiveReadings
  readonly clock: Clock
  readonly counters: FeedCounters
  readonly readingView: (reading: LiveReading) => unknown
  readonly areaOf: (device: string) => string | null
}

export interface NewFollower {
  readonly sink: Sink
  readonly wish: LiveWish
  readonly lastEventId: string | undefined
  /** The stream ends with its session; null for tokens. */
  readonly session: { readonly id: string; readonly expiresAt: number } | null
}

export interface LiveFeed {
  start(): void
  /** Ends all streams. May be called twice. */
  stop(): void
  /** Goes out before this returns, to everybody whose connection takes it. */
  publish(type: LiveType, device: string, area: string | null, view: () => unknown): void
  isFull(): boolean
  follow(follower: NewFollower): void
  endSession(id: string): void
  size(): number
}

const PUMP_EVERY = 1024

type ResetReason = 'new' | 'too-old' | 'restarted' | 'unknown-id'

export function createLiveFeed(deps: LiveFeedDeps, limits: LiveLimits): LiveFeed {
  const { clock, counters } = deps
  const boot = randomBytes(6).toString('hex')
  const readings = createEventRing<LiveEvent>(limits.readingsKept)
  const changes = createEventRing<LiveEvent>(limits.changesKept)
  const followers = new Map<Follower, NewFollower>()
  let seq = 0
  let stopReadings: (() => void) | null = null
  let cancelLinger: (() => void) | null = null
  let cancelHeartbeat: (() => void) | null = null

  const idOf = (position: number): string => `${boot}-${position}`
  const textOf = (event: LiveEvent): string => {
    event.text ??= frame(idOf(event.seq), event.type, event.view())
    return event.text
  }
  const wantsReadings = ({ wish }: NewFollower): boolean => wish.types.has('reading')

  const onReadings = (batch: readonly LiveReading[]): void => {
    for (const reading of batch) {
      const { device } = reading
      readings.push({
        seq: ++seq,
        type: 'reading',
        device,
        area: deps.areaOf(device),
        view: () => deps.readingView(reading),
        text: null,
      })
      // A batch may be larger than the ring; nobody may lose what it was never offered.
      if (seq % PUMP_EVERY === 0) pumpAll()
    }
    pumpAll()
  }

  const pumpAll = (): void => {
    for (const follower of followers.keys()) follower.pump()
  }

  const takeReadings = (): void => {
    cancelLinger?.()
    cancelLinger = null
    if (stopReadings !== null) return
    readings.clear(++seq)
    stopReadings = deps.live.subscribe(onReadings)
  }

  const leaveReadings = (): void => {
    stopReadings?.()
    stopReadings = null
    cancelLinger = null
  }

  const lingerIfUnwanted = (): void => {
    if (stopReadings === null || cancelLinger !== null || [...followers.values()].some(wantsReadings)) return
    cancelLinger = clock.after(limits.lingerMs, leaveReadings)
  }

  /** Where a client goes on: the `seq` it has seen last, or why it must load everything anew. */
  const resumeFrom = (lastEventId: string | undefined, wish: LiveWish): number | ResetReason => {
    if (lastEventId === undefined) return 'new'
    const [, bootOfId, position = ''] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(lastEventId) ?? []
    if (bootOfId === undefined || Number(position) > seq) return 'unknown-id'
    if (bootOfId !== boot) return 'restarted'
    const rings = wish.types.has('reading') ? (wish.types.size > 1 ? [readings, changes] : [readings]) : [changes]
    return rings.every((ring) => Number(position) >= ring.forgotten()) ? Number(position) : 'too-old'
  }

  const beat = (): void => {
    for (const [follower, { session }] of followers) {
      if (session !== null && session.expiresAt <= clock.now()) follower.end('session')
      else follower.beat()
    }
    cancelHeartbeat = clock.after(limits.heartbeatMs, beat)
  }

  return {
    size: () => followers.size,
    isFull: () => followers.size >= limits.maxClients,
    start() {
      cancelHeartbeat ??= clock.after(limits.heartbeatMs, beat)
    },
    stop() {
      cancelHeartbeat?.()
      cancelLinger?.()
      leaveReadings()
      for (const follower of [...followers.keys()]) follower.end('stopping')
    },
    publish(type, device, area, view) {
      changes.push({ seq: ++seq, type, device, area, view, text: null })
      pumpAll()
    },
    follow(request) {
      if (wantsReadings(request)) takeReadings()
      const from = resumeFrom(request.lastEventId, request.wish)
      const hello = typeof from === 'number' ? '' : frame(idOf(seq), 'reset', { reason: from })
      const follower = createFollower({
        sink: request.sink,
        wish: request.wish,
        from: typeof from === 'number' ? from : seq,
        readings,
        changes,
        textOf,
        clock,
        counters,
        limits,
        onEnd() {
          followers.delete(follower)
          lingerIfUnwanted()
        },
      })
      followers.set(follower, request)
      counters.streams(typeof from === 'number' ? 'resumed' : from)
      follower.begin(`retry: 2000\n\n${hello}`)
    },
    endSession(id) {
      for (const [follower, { session }] of [...followers]) if (session?.id === id) follower.end('session')
    },
  }
}
