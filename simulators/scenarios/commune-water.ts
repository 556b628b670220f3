/** The demonstration: six water stations of one commune by a tidal river, in a season when the salt comes up. */

import { type WaterStation, waterStationMessage } from '../profiles/water-station.ts'
import { intervalFor, type Scenario } from './scenario.ts'

interface Place {
  /** NFC. */
  readonly name: string
  readonly latitude: number
  readonly longitude: number
  readonly station: WaterStation
}

const INTERVAL_MS = 2000
/** Below the two minutes after which a reading is late and opens no alert (contract.md, section 2), with time to log in. */
const BACKLOG_MS = 100_000
/** What the registry is told: several intervals, so that a slow moment of the machine is no silence. */
const EXPECTED_SECONDS = 10

// Places are invented, within xã Tứ Kỳ, thành phố Hải Phòng (official code 11074 since 1-7-2025).
const PLACES: readonly Place[] = [
  {
    name: 'Kênh chính Bắc',
    latitude: 20.8312,
    longitude: 106.3841,
    station: { id: 'tuky-kenh-bac', kind: 'canal', power: 'solar', baseLevel: 1.45, baseConductivity: 430 },
  },
  {
    name: 'Kênh tiêu Nam',
    latitude: 20.7864,
    longitude: 106.3987,
    station: { id: 'tuky-kenh-nam', kind: 'canal', power: 'battery', baseLevel: 0.95, baseConductivity: 610 },
  },
  {
    name: 'Cống lấy nước ven sông',
    latitude: 20.8043,
    longitude: 106.4152,
    // Salt stays above 4 g/L, the legal line of salt intrusion (Decision 18/2021/QĐ-TTg, article 5), at low water too.
    station: {
      id: 'tuky-cong-ven-song',
      kind: 'estuary',
      power: 'solar',
      regime: 'diurnal',
      baseLevel: 1.6,
      tideAmplitude: 1.1,
      seaSalinity: 12,
      saltWedge: 5,
    },
  },
  {
    name: 'Trạm bơm đồng Đông',
    latitude: 20.8171,
    longitude: 106.4094,
    station: {
      id: 'tuky-tram-bom-dong',
      kind: 'estuary',
      power: 'solar',
      regime: 'diurnal',
      baseLevel: 1.2,
      tideAmplitude: 0.7,
      seaSalinity: 3,
      saltWedge: 0,
    },
  },
  {
    name: 'Nhà máy nước xã',
    latitude: 20.8121,
    longitude: 106.3902,
    // Now and then its filter lets more than 2 NTU through (QCVN 01-1:2018/BYT) for some minutes: an alert that comes and goes.
    station: {
      id: 'tuky-nuoc-sach',
      kind: 'clean-water',
      power: 'mains',
      breakthrough: { everyMs: 900_000, lengthMs: 300_000, peakNtu: 3.2 },
    },
  },
  {
    name: 'Bể nước sạch thôn Đông',
    latitude: 20.8206,
    longitude: 106.4021,
    station: { id: 'tuky-be-nuoc-dong', kind: 'clean-water', power: 'battery' },
  },
]

export const communeWater: Scenario = {
  name: 'commune-water',
  about: 'six water stations of a commune by a tidal river, every 2 s; one is over the salt limit',
  backlogMs: BACKLOG_MS,
  devices: ({ seed, rate }) =>
    PLACES.map(({ name, latitude, longitude, station }) => ({
      registration: {
        id: station.id,
        name,
        latitude,
        longitude,
        expectedIntervalSeconds: EXPECTED_SECONDS,
        profile: station.kind,
        simulated: true,
      },
      intervalMs: intervalFor(PLACES.length, rate, INTERVAL_MS),
      sample: (t) => waterStationMessage(station, seed, t).values,
    })),
}
