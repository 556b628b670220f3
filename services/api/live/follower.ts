/** One client of the live stream: takes events as fast as its connection does, and is cut when it falls behind. */

import type { Clock } from '../../../libs/ports/clock.ts'
import type { LiveLimits } from '../api-deps.ts'
import type { EventRing } from './event-ring.ts'
import type { FeedCounters } from './feed-counters.ts'
import { isWanted, type LiveEvent, type LiveWish } from './live-event.ts'

/** What of a ServerResponse is needed. */
export interface Sink {
  readonly writableLength: number
  write(text: string): boolean
  end(): void
  destroy(): void
  on(event: 'drain' | 'close' | 'error', listener: () => void): unknown
}

export interface Follower {
  begin(hello: string): void
  /** Writes what is new until the connection has enough. */
  pump(): void
  /** Keeps the connection open, and cuts it when it has stood still too long. */
  beat(): void
  end(reason: EndReason): void
}

export type EndReason = 'behind' | 'stalled' | 'session' | 'stopping' | 'left'

interface FollowerParts {
  readonly sink: Sink
  readonly wish: LiveWish
  /** The `seq` the client has seen last. */
  readonly from: number
  readonly readings: EventRing<LiveEvent>
  readonly changes: EventRing<LiveEvent>
  readonly textOf: (event: LiveEvent) => string
  readonly clock: Clock
  readonly counters: FeedCounters
  readonly limits: LiveLimits
  readonly onEnd: () => void
}

// Nothing is copied for a client beyond this: what it has not taken yet waits in the rings that all share.
const BUFFER_BYTES = 256 * 1024
const SLICE_CHARS = 32 * 1024

export function createFollower(parts: FollowerParts): Follower {
  const { sink, wish, readings, changes, counters, limits, clock } = parts
  let reading = wish.types.has('reading') ? readings.after(parts.from) : Number.POSITIVE_INFINITY
  let change =
    wish.types.has('alert') || wish.types.has('device') ? changes.after(parts.from) : Number.POSITIVE_INFINITY
  let resuming = true
  let fullSince: number | null = null
  let ended = false

  const next = (): LiveEvent | undefined => {
    const first = readings.at(reading)
    const second = changes.at(change)
    if (first !== undefined && (second === undefined || first.seq < second.seq)) {
      reading++
      return first
    }
    if (second !== undefined) change++
    return second
  }

  const slice = (): string => {
    let text = ''
    let readingsSent = 0
    while (text.length < SLICE_CHARS) {
      const event = next()
      if (event === undefined) break
      if (!isWanted(wish, event)) continue
      text += parts.textOf(event)
      if (event.type === 'reading') readingsSent++
      else counters.sent(event.type, 1)
    }
    if (readingsSent > 0) counters.sent('reading', readingsSent)
    return text
  }

  const isLost = (): boolean => {
    if (reading < readings.first() || change < changes.first()) return true
    const behind = Math.max(0, readings.end() - reading) + Math.max(0, changes.end() - change)
    return !resuming && behind > limits.maxBehind
  }

  const end = (reason: EndReason): void => {
    if (ended) return
    ended = true
    counters.ended(reason)
    if (reason === 'behind' || reason === 'stalled') sink.destroy()
    else sink.end()
    parts.onEnd()
  }

  const pump = (): void => {
    if (ended) return
    if (isLost()) {
      end('behind')
      return
    }
    while (sink.writableLength < BUFFER_BYTES) {
      const text = slice()
      if (text === '') {
        resuming = false
        return
      }
      sink.write(text)
    }
    fullSince ??= clock.monotonic()
  }

  return {
    pump,
    end,
    begin(hello) {
      sink.on('drain', () => {
        fullSince = null
        pump()
      })
      sink.on('close', () => end('left'))
      sink.on('error', () => end('left'))
      sink.write(hello)
      pump()
    },
    beat() {
      if (fullSince !== null && clock.monotonic() - fullSince >= limits.stallMs) end('stalled')
      else if (fullSince === null) sink.write(': still here\n\n')
    },
  }
}
