/** An alert as it goes out, in lists and on the live stream. */

import type { Alert, AlertTransition, Evidence } from '../../../libs/core/alarm/alert.ts'
import { isoTime } from '../question-time.ts'
import type { AlertAnswer } from '../schemas/alert-schema.ts'
import { shownValue, unitOf } from './value-view.ts'

export function alertView(alert: Alert): AlertAnswer {
  const { acknowledged, hidden } = alert
  return {
    id: alert.id,
    rule: alert.rule,
    subject: alert.subject,
    device: alert.device,
    area: alert.area,
    cell: alert.cell,
    severity: alert.severity,
    state: alert.state,
    acknowledged: acknowledged && { by: acknowledged.by, at: isoTime(acknowledged.at) },
    hidden: hidden && { kind: hidden.kind, until: isoOrNull(hidden.until), by: hidden.by, why: hidden.why },
    stale: alert.stale,
    retrospective: alert.retrospective,
    simulated: alert.simulated,
    openedAt: isoTime(alert.openedAt),
    returnedAt: isoOrNull(alert.returnedAt),
    closedAt: isoOrNull(alert.closedAt),
    message: { vi: alert.message.vi, en: alert.message.en },
    evidence: alert.evidence.map(evidenceView),
    history: alert.history.map(historyView),
  }
}

const isoOrNull = (epochMs: number | null): string | null => (epochMs === null ? null : isoTime(epochMs))

function evidenceView({ device, channel, ts, value, receivedAt, flags }: Evidence): AlertAnswer['evidence'][number] {
  const unit = unitOf(channel)
  const shown = shownValue(unit, value)
  return { device, channel, unit, ts: isoTime(ts), value: shown, receivedAt: isoTime(receivedAt), flags: [...flags] }
}

function historyView(transition: AlertTransition): AlertAnswer['history'][number] {
  const { type, at } = transition
  const endedBy = transition.type === 'returned' ? (transition.endedBy ?? null) : null
  const person = 'by' in transition ? transition : null
  return { type, at: isoTime(at), by: person?.by ?? null, comment: person?.comment ?? null, endedBy }
}
