/** What ingest counts; read when metrics are scraped, so that counting costs an addition. */

export type RefusedReason =
  | 'publish'
  | 'subscribe'
  | 'login'
  | 'will'
  | 'too-large'
  | 'stuck'
  | 'inbound-window'
  | 'sessions'
  /** What was sent is not MQTT 3.1.1. */
  | 'protocol'
  /** No complete CONNECT in time. */
  | 'timeout'

export interface IngestCounters {
  messages: number
  bytes: number
  acknowledged: number
  failed: number
  skippedPackets: number
  /** Messages for a device's own session that found its offline queue full. */
  queueFull: number
  connectionsRefused: number
  readonly refused: Record<RefusedReason, number>
}

export const createIngestCounters = (): IngestCounters => ({
  messages: 0,
  bytes: 0,
  acknowledged: 0,
  failed: 0,
  skippedPackets: 0,
  queueFull: 0,
  connectionsRefused: 0,
  refused: {
    publish: 0,
    subscribe: 0,
    login: 0,
    will: 0,
    'too-large': 0,
    stuck: 0,
    'inbound-window': 0,
    sessions: 0,
    protocol: 0,
    timeout: 0,
  },
})
