/** Transitions as the alarm engine writes them. */

import type { Opened, Returned } from '../../../libs/core/alarm/alert.ts'
import { NOW } from './create-test-api.ts'

let decided = 0

export const opened = (alert: string, changes: Partial<Opened> = {}): Opened => ({
  type: 'opened',
  alert,
  at: NOW,
  decidedAt: { partition: 0, offset: decided++, index: 0 },
  rule: 'water-ph-low',
  subject: 'ws-01/water.ph',
  device: 'ws-01',
  cell: 'default',
  severity: 'high',
  simulated: false,
  retrospective: false,
  message: { vi: 'Nước chua', en: 'The water is sour' },
  evidence: [{ device: 'ws-01', channel: 'water.ph', ts: NOW, value: 4.9, receivedAt: NOW + 40, flags: [] }],
  ...changes,
})

export const returned = (alert: string, at = NOW + 60_000): Returned => ({
  type: 'returned',
  cell: 'default',
  alert,
  at,
  decidedAt: { partition: 0, offset: decided++, index: 0 },
  evidence: [],
})
