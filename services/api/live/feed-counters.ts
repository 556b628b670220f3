/** What is counted of the live stream. */

import type { Metrics } from '../../../libs/runtime/metrics.ts'
import type { EndReason } from './follower.ts'
import type { LiveType } from './live-event.ts'

export interface FeedCounters {
  sent(type: LiveType, events: number): void
  ended(reason: EndReason): void
  /** A stream began: resumed, or why it was reset. */
  streams(how: string): void
}

export function createFeedCounters(meters: Metrics, clients: () => number): FeedCounters {
  meters.gauge('keng_api_live_clients', 'Live streams that are open', clients)
  const sent = meters.counterBy('keng_api_live_events_total', 'Events written to live streams', 'type')
  const cells = { reading: sent('reading'), alert: sent('alert'), device: sent('device') }
  const ended = meters.counterBy('keng_api_live_ends_total', 'Live streams that ended, by reason', 'reason')
  const streams = meters.counterBy('keng_api_live_starts_total', 'Live streams that began: resumed, or why not', 'how')
  return {
    sent: (type, events) => cells[type].inc(events),
    ended: (reason) => ended(reason).inc(),
    streams: (how) => streams(how).inc(),
  }
}
