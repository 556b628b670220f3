/** Numbers of ingest, log and pipeline for /metrics; docs/operations.md says what each means. */

import type { SegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import type { Pipeline } from '../../libs/ports/pipeline.ts'
import type { Metrics } from '../../libs/runtime/metrics.ts'
import type { IngestService } from '../ingest/ingest-service.ts'

export interface Measured {
  readonly metrics: Metrics
  readonly ingest: IngestService
  readonly log: SegmentEventLog
  readonly pipeline: Pipeline
}

/** Prometheus text, with the counters brought up to date first. */
export function createMeasure({ metrics, ingest, log, pipeline }: Measured): () => Promise<string> {
  const { counters } = ingest
  const messages = metrics.counter('keng_ingest_messages_total', 'Messages received for the log')
  const bytes = metrics.counter('keng_ingest_received_bytes_total', 'Bytes of topics and payloads received')
  const acknowledged = metrics.counter('keng_ingest_durable_total', 'Messages made durable')
  const failed = metrics.counter(
    'keng_ingest_failed_total',
    'Messages that could not be made durable and were not acknowledged',
  )
  const skipped = metrics.counter(
    'keng_ingest_skipped_packets_total',
    'Packets over the limit that were read and dropped',
  )
  const queueFull = metrics.counter(
    'keng_ingest_queue_full_total',
    'Messages to a device that found its offline queue full',
  )
  const dropped = metrics.counter('keng_ingest_connections_refused_total', 'Connections over the limit')
  const refused = metrics.counterBy('keng_ingest_refused_total', 'What was refused, by reason', 'reason')
  metrics.gauge('keng_ingest_connections_current', 'Devices connected', () => ingest.gauges().connections)
  metrics.gauge(
    'keng_ingest_in_flight_bytes',
    'Bytes received and not yet durable',
    () => ingest.gauges().inFlightBytes,
  )
  metrics.gauge('keng_ingest_paused_clients', 'Clients whose socket is not read', () => ingest.gauges().pausedClients)
  metrics.gauge(
    'keng_ingest_clock_behind_seconds',
    "Seconds by which the machine's clock lay behind the log at the start, until it is set",
    () => ingest.gauges().clockBehindMs / 1000,
  )
  metrics.gauge('keng_log_pending_bytes', 'Bytes that wait to become durable', () => log.status().pendingBytes)
  metrics.gauge('keng_log_damages_current', 'Damaged places found since the start', () => log.status().damages)
  metrics.gauge('keng_log_ok_state', '1 while the log takes records', () => (log.status().state === 'ok' ? 1 : 0))
  const behind = metrics.gauge('keng_store_behind_records', 'Records of the raw log that are not in the series store')
  const trouble = metrics.gauge('keng_store_trouble_state', '1 while the pipeline does not go on')
  metrics.addProcess()

  const seen = new Map<object, number>()
  const raise = (counter: { inc(amount?: number): void }, total: number) => {
    counter.inc(total - (seen.get(counter) ?? 0))
    seen.set(counter, total)
  }
  const cells = Object.keys(counters.refused).map(
    (reason) => [reason as keyof typeof counters.refused, refused(reason)] as const,
  )

  return async () => {
    raise(messages, counters.messages)
    raise(bytes, counters.bytes)
    raise(acknowledged, counters.acknowledged)
    raise(failed, counters.failed)
    raise(skipped, counters.skippedPackets)
    raise(queueFull, counters.queueFull)
    raise(dropped, counters.connectionsRefused)
    for (const [reason, cell] of cells) raise(cell, counters.refused[reason])
    const state = await pipeline.state().catch(() => null)
    if (state !== null) behind.set(state.end - state.committed)
    trouble.set(state === null || state.trouble !== null ? 1 : 0)
    return metrics.text()
  }
}
