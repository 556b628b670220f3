/** The picture of an alert that its transitions add up to (contract.md, section 3). */

import type { Alert, AlertTransition, Decision, Opened, OperatorAction } from './alert.ts'

/**
 * The alert after one more transition. Repetitions change nothing and give back the same object: the log is at least
 * once, and a second engine over the same partition decides the same. Undefined for a transition of an alert that was
 * never opened here. `area` is where the device stands; it is taken when the alert opens.
 */
export function foldAlert(
  alert: Alert | undefined,
  transition: AlertTransition,
  area: string | null,
): Alert | undefined {
  if (alert === undefined) return transition.type === 'opened' ? openAlert(transition, area) : undefined
  if (transition.alert !== alert.id || isRepeated(alert, transition)) return alert
  const next = { ...alert, history: [...alert.history, transition] }
  switch (transition.type) {
    case 'opened':
      return alert
    case 'returned':
      return settle({
        ...next,
        state: alert.state === 'active' ? 'returned' : alert.state,
        stale: false,
        returnedAt: alert.returnedAt ?? transition.at,
        evidence: [...alert.evidence, ...transition.evidence],
      })
    case 'stale':
    case 'fresh':
      return { ...next, stale: transition.type === 'stale' && alert.returnedAt === null }
    case 'acknowledged':
      return settle({ ...next, acknowledged: alert.acknowledged ?? { by: transition.by, at: transition.at } })
    case 'commented':
      return next
    case 'closed':
      return alert.state === 'closed' ? next : { ...next, state: 'closed', closedAt: transition.at }
  }
}

function openAlert(opened: Opened, area: string | null): Alert {
  const { alert: id, at: openedAt, rule, subject, device, cell, severity, retrospective, simulated, message } = opened
  return {
    id,
    rule,
    subject,
    device,
    area,
    cell,
    severity,
    state: 'active',
    acknowledged: null,
    hidden: null,
    stale: false,
    retrospective,
    simulated,
    openedAt,
    returnedAt: null,
    closedAt: null,
    message,
    evidence: opened.evidence,
    history: [opened],
  }
}

/** Closes what has returned and was seen by somebody; low severity needs nobody. */
function settle(alert: Alert): Alert {
  if (alert.state !== 'returned' || (alert.acknowledged === null && alert.severity !== 'low')) return alert
  return { ...alert, state: 'closed', closedAt: Math.max(alert.returnedAt ?? 0, alert.acknowledged?.at ?? 0) }
}

function isRepeated(alert: Alert, transition: AlertTransition): boolean {
  return isDecision(transition)
    ? alert.history.some((past) => isDecision(past) && past.type === transition.type && isSamePlace(past, transition))
    : alert.history.some((past) => !isDecision(past) && isSameAction(past, transition))
}

const isDecision = (transition: AlertTransition): transition is Decision => 'decidedAt' in transition

const isSamePlace = ({ decidedAt: a }: Decision, { decidedAt: b }: Decision): boolean =>
  a.partition === b.partition && a.offset === b.offset && a.index === b.index

const isSameAction = (a: OperatorAction, b: OperatorAction): boolean =>
  a.type === b.type && a.at === b.at && a.by === b.by && a.comment === b.comment
