import { describe, expect, test } from 'vitest'
import { checkLedger } from '../../../services/dashboard/model/check-ledger.ts'
import { isQuiet, isTroubling, isUnusable } from '../../../services/dashboard/model/judge-flags.ts'
import {
  ageColour,
  healthOf,
  plainText,
  type StationState,
  sortStations,
} from '../../../services/dashboard/model/judge-station.ts'
import { sortAlerts } from '../../../services/dashboard/model/sort-alerts.ts'
import type { WireAlert } from '../../../services/dashboard/wire/wire.ts'

const MINUTE = 60_000

describe('stations', () => {
  const station = (id: string, more: Partial<StationState> = {}): StationState => ({
    id,
    name: id,
    health: 'reporting',
    worstAlert: null,
    doubts: false,
    ...more,
  })
  const order = (stations: readonly StationState[]): string[] => sortStations(stations).map(({ id }) => id)

  test('with worse alerts come first, then silent ones, doubtful ones, unknown ones', () => {
    expect(
      order([
        station('well'),
        station('unknown', { health: 'unknown' }),
        station('doubtful', { doubts: true }),
        station('silent', { health: 'silent' }),
        station('low', { worstAlert: 'low' }),
        station('low-and-silent', { worstAlert: 'low', health: 'silent' }),
        station('critical', { worstAlert: 'critical' }),
        station('high', { worstAlert: 'high', health: 'silent', doubts: true }),
      ]),
    ).toEqual(['critical', 'high', 'low-and-silent', 'low', 'silent', 'doubtful', 'unknown', 'well'])
  })

  test('that are alike stand by name, numbers as numbers and Vietnamese letters in their place', () => {
    const named = (name: string) => station(name, { name })
    expect(order(['Trạm 10', 'Đầm Sen', 'Trạm 2', 'Dầu Tiếng', 'Ấp Mới'].map(named))).toEqual([
      'Ấp Mới',
      'Dầu Tiếng',
      'Đầm Sen',
      'Trạm 2',
      'Trạm 10',
    ])
    expect(order([station('b', { name: 'x' }), station('a', { name: 'x' })])).toEqual(['a', 'b'])
  })

  test('are silent by the server’s rule', () => {
    const heard = { lastReceivedAt: 0, expectedIntervalSeconds: 60, lateAfterSeconds: undefined }
    expect(healthOf(heard, 2 * MINUTE)).toBe('reporting')
    expect(healthOf(heard, 2 * MINUTE + 1)).toBe('silent')
    expect(healthOf({ ...heard, lateAfterSeconds: 600 }, 9 * MINUTE)).toBe('reporting')
    expect(healthOf({ ...heard, expectedIntervalSeconds: undefined }, 3 * MINUTE)).toBe('unknown')
    expect(healthOf({ ...heard, lastReceivedAt: null }, 0)).toBe('unknown')
  })

  test('have values that age by what the station promises', () => {
    const every10Minutes = { expectedIntervalSeconds: 600, lateAfterSeconds: undefined }
    expect([5, 11, 21].map((minutes) => ageColour(minutes * MINUTE, every10Minutes))).toEqual([
      'fresh',
      'old',
      'silent',
    ])
  })

  test('are found without accents', () => {
    expect(plainText('Cầu ĐƯỜNG Ông')).toBe('cau duong ong')
  })
})

describe('alerts', () => {
  const alert = (id: string, more: Partial<WireAlert> = {}) => ({
    id,
    severity: 'high' as const,
    state: 'active' as const,
    acknowledged: null,
    hidden: null,
    openedAt: '2026-11-22T05:00:00.000Z',
    ...more,
  })

  test('that go on unseen come first, then returned ones, then seen ones, then hidden ones; closed ones go', () => {
    const seen = { by: 'admin', at: '2026-11-22T06:00:00.000Z' }
    const hidden = { kind: 'shelved', until: null, by: 'admin', why: 'x' } as const
    const alerts = [
      alert('hidden', { hidden, severity: 'critical' }),
      alert('seen', { acknowledged: seen, severity: 'critical' }),
      alert('closed', { state: 'closed' }),
      alert('returned', { state: 'returned', severity: 'critical' }),
      alert('low', { severity: 'low' }),
      alert('older'),
      alert('newer', { openedAt: '2026-11-22T05:30:00.000Z' }),
    ]
    expect(sortAlerts(alerts).map(({ id }) => id)).toEqual(['newer', 'older', 'low', 'returned', 'seen', 'hidden'])
  })
})

test('flags decide what is the latest value, what is drawn, and what makes a station troubled', () => {
  expect((['late', 'calibrating', 'spike', 'simulated'] as const).map((flag) => isQuiet([flag]))).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect((['late', 'calibrating', 'fault', 'spike'] as const).map((flag) => isUnusable([flag]))).toEqual([
    false,
    true,
    true,
    false,
  ])
  expect((['stuck', 'unknown-channel', 'revised', 'simulated'] as const).map((flag) => isTroubling([flag]))).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('the ledger is added up again, and a missing message is seen', () => {
  const ledger = { received: 9, stored: 5, partial: 1, duplicate: 1, rejected: 1, inFlight: 1 }
  expect(checkLedger(ledger)).toEqual({ sum: 9, missing: 0 })
  expect(checkLedger({ ...ledger, received: 11 })).toEqual({ sum: 9, missing: 2 })
})
