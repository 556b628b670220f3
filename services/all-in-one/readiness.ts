/** What /readyz says of each part of the one process. */

import type { SegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import type { Pipeline } from '../../libs/ports/pipeline.ts'
import type { PartReadiness } from '../api/api-deps.ts'
import type { IngestService } from '../ingest/ingest-service.ts'

/** Records that the pipeline may be behind while it still counts as following. */
const BEHIND = 1_000_000
/** Less is what a clock drifts over a restart. */
const CLOCK_BEHIND_MS = 60_000

export async function readinessOf(
  log: Pick<SegmentEventLog, 'status'>,
  pipeline: Pick<Pipeline, 'state'>,
  ingest: Pick<IngestService, 'gauges'>,
): Promise<Record<'log' | 'pipeline' | 'clock', PartReadiness>> {
  const { state, reason, damages } = log.status()
  const logDetail = reason ?? (damages === 0 ? 'ok' : `ok, ${damages} damaged places stepped over`)
  return {
    log: { ready: state === 'ok', detail: logDetail },
    pipeline: await pipelineReadiness(pipeline),
    clock: clockReadiness(ingest.gauges().clockBehindMs),
  }
}

/** Every part works meanwhile: a box without a battery clock has to, until it hears the time. */
function clockReadiness(behindMs: number): PartReadiness {
  if (behindMs < CLOCK_BEHIND_MS) return { ready: true, detail: 'ok' }
  const seconds = Math.round(behindMs / 1000)
  const detail = `${seconds} s behind the newest message at the start: arrival times go on from that until the clock is set`
  return { ready: true, detail }
}

async function pipelineReadiness(pipeline: Pick<Pipeline, 'state'>): Promise<PartReadiness> {
  try {
    const { committed, end, trouble } = await pipeline.state()
    if (trouble !== null) return { ready: false, detail: trouble }
    const behind = end - committed
    return { ready: behind < BEHIND, detail: behind < BEHIND ? 'ok' : `${behind} records behind the log` }
  } catch (error) {
    return { ready: false, detail: error instanceof Error ? error.message : String(error) }
  }
}
