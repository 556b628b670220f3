/** What /readyz says of each part of the one process. */

import type { SegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import type { Pipeline } from '../../libs/ports/pipeline.ts'

export interface PartReadiness {
  readonly ready: boolean
  /** For people; shown without a login, so no secrets. */
  readonly detail: string
}

/** Records that the pipeline may be behind while it still counts as following. */
const BEHIND = 1_000_000

export async function readinessOf(
  log: Pick<SegmentEventLog, 'status'>,
  pipeline: Pick<Pipeline, 'state'>,
): Promise<Record<'log' | 'pipeline', PartReadiness>> {
  const { state, reason, damages } = log.status()
  const logDetail = reason ?? (damages === 0 ? 'ok' : `ok, ${damages} damaged places stepped over`)
  return { log: { ready: state === 'ok', detail: logDetail }, pipeline: await pipelineReadiness(pipeline) }
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
