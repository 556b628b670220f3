import { signal } from '@preact/signals'
import { describe, expect, test } from 'vitest'
import type { Severity } from '../../../libs/core/alarm/alert.ts'
import type { FlagName } from '../../../libs/core/reading.ts'
import { createAlertStore } from '../../../services/dashboard/state/alert-store.ts'
import { createStationStore } from '../../../services/dashboard/state/station-store.ts'
import { fakeAlert, fakeDevice, fakeStations } from '../../support/fake-commune.ts'

const START = Date.parse('2026-11-22T05:00:00Z')
const MINUTE = 60_000
const [FIRST, SECOND] = fakeStations(2)

function setUp() {
  const now = signal(START)
  const worstAlerts = signal<ReadonlyMap<string, Severity>>(new Map())
  const stations = createStationStore({ now, worstAlerts })
  stations.load(fakeStations(2).map((station) => fakeDevice(station, START)))
  const arrive = (minute: number, value: number, flags: readonly FlagName[] = [], channel = 'water.ph'): void => {
    const ts = new Date(START + minute * MINUTE).toISOString()
    stations.applyArrival({ device: 'ws-01', channel, unit: 'pH', receivedAt: ts, points: [[ts, value, flags]] })
  }
  const cell = (channel = 'water.ph') =>
    stations.find('ws-01')?.cells.value.find((candidate) => candidate.channel === channel)
  const order = (): string[] => stations.ordered.value.map(({ id }) => id)
  return { now, worstAlerts, stations, arrive, cell, order }
}

describe('the stations of the page', () => {
  test('show the newest value, and never an older one that arrives after it', () => {
    const { arrive, cell } = setUp()
    arrive(2, 7.5)
    arrive(1, 6.5)
    expect(cell()?.shown.value?.value).toBe(7.5)
    arrive(2, 7.6, ['revised'])
    expect(cell()?.shown.value).toMatchObject({ value: 7.6, flags: ['revised'] })
  })

  test('leave late values to history', () => {
    const { arrive, cell } = setUp()
    arrive(1, 7.5)
    arrive(3, 9, ['late'])
    expect(cell()?.shown.value?.value).toBe(7.5)
    expect(cell()?.refused.value).toBeNull()
  })

  test('name a refused value until a good one follows', () => {
    const { arrive, cell, order } = setUp()
    arrive(1, 15.2, ['out-of-range'])
    expect(cell()?.refused.value?.value).toBe(15.2)
    expect(order()).toEqual(['ws-01', 'ws-02'])
    arrive(2, 7.4)
    expect(cell()).toMatchObject({ refused: { value: null }, shown: { value: { value: 7.4 } } })
  })

  test('fall silent as time passes, and come first then', () => {
    const { now, arrive, order, stations } = setUp()
    expect(order()).toEqual(['ws-01', 'ws-02'])
    arrive(9, 7.4)
    now.value = START + 10 * MINUTE
    expect(stations.silent.value).toBe(1)
    expect(order()).toEqual(['ws-02', 'ws-01'])
  })

  test('keep their order and their cells while nothing but values changes', () => {
    const { stations, arrive, cell } = setUp()
    const before = stations.ordered.value
    const sameCell = cell()
    arrive(1, 7.5)
    expect(stations.ordered.value).toBe(before)
    stations.load(fakeStations(2).map((station) => fakeDevice(station, START + 2 * MINUTE)))
    expect(stations.ordered.value).toBe(before)
    expect(cell()).toBe(sameCell)
  })

  test('move up with an alert, come and go with the registry, and take new channels', () => {
    const { stations, worstAlerts, order, arrive, cell } = setUp()
    worstAlerts.value = new Map([['ws-02', 'high']])
    expect(order()).toEqual(['ws-02', 'ws-01'])
    stations.applyDevice({ id: 'ws-02', deleted: true })
    expect(order()).toEqual(['ws-01'])
    if (SECOND !== undefined) stations.applyDevice(fakeDevice(SECOND, START))
    expect(order()).toEqual(['ws-02', 'ws-01'])
    arrive(1, 3, [], 'water.orp')
    expect(cell('water.orp')?.shown.value?.value).toBe(3)
  })

  test('say which are simulated only where some are not', () => {
    const { stations } = setUp()
    expect([stations.anySimulated.value, stations.mixed.value]).toEqual([true, false])
    if (FIRST !== undefined) stations.applyDevice({ ...fakeDevice(FIRST, START), id: 'real', simulated: false })
    expect([stations.anySimulated.value, stations.mixed.value]).toEqual([true, true])
  })
})

describe('the alerts of the page', () => {
  const alert = (id: string, severity: Severity = 'high') =>
    fakeAlert({
      id,
      device: 'ws-01',
      channel: 'water.ph',
      severity,
      value: 5,
      openedAt: START,
      message: { vi: 'chua', en: 'acid' },
    })

  test('are read out when they open, not when they are loaded or change', () => {
    const alerts = createAlertStore()
    alerts.load([alert('a')])
    expect(alerts.announced.value).toBeNull()
    alerts.apply(alert('b'))
    expect(alerts.announced.value?.id).toBe('b')
    alerts.apply({ ...alert('a'), stale: true })
    alerts.apply({ ...alert('c'), retrospective: true })
    expect(alerts.announced.value?.id).toBe('b')
  })

  test('leave when they close, and the time of the last one is kept', () => {
    const alerts = createAlertStore()
    alerts.load([alert('a'), alert('b')])
    alerts.apply({ ...alert('a'), state: 'closed', closedAt: new Date(START + MINUTE).toISOString() })
    expect(alerts.ordered.value.map(({ id }) => id)).toEqual(['b'])
    expect(alerts.lastClosedAt.value).toBe(START + MINUTE)
    alerts.load([])
    expect(alerts.ordered.value).toEqual([])
  })

  test('say which is the worst of each station, hidden and returned ones left out', () => {
    const alerts = createAlertStore()
    const hidden = { kind: 'shelved', until: null, by: 'admin', why: 'x' } as const
    alerts.load([
      alert('a', 'low'),
      { ...alert('b', 'critical'), hidden },
      { ...alert('c', 'critical'), state: 'returned' },
    ])
    expect([...alerts.worstByDevice.value]).toEqual([['ws-01', 'low']])
    expect(alerts.activeCount.value).toBe(1)
    alerts.apply(alert('d', 'medium'))
    expect([...alerts.worstByDevice.value]).toEqual([['ws-01', 'medium']])
  })

  test('end the attempt to acknowledge once somebody has', () => {
    const alerts = createAlertStore()
    alerts.load([alert('a')])
    const entry = alerts.ordered.value[0]
    if (entry !== undefined) entry.acknowledging.value = { step: 'failed', why: 'x' }
    alerts.apply({ ...alert('a'), acknowledged: { by: 'admin', at: new Date(START).toISOString() } })
    expect(entry?.acknowledging.value.step).toBe('idle')
  })
})
