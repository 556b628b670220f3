import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { parseRecordingMap } from '../../../../simulators/replay/recording-map.ts'

const MAPS = new URL('../../../../simulators/replay/maps/', import.meta.url)

const good = {
  device: { id: 'river' },
  time: { column: 'Time', format: 'd/MM/yyyy H:mm', zone: 'Australia/Brisbane' },
  channels: [{ column: 'Level', channel: 'water.level' }],
}
const parse = (map: unknown) => parseRecordingMap('map.json', JSON.stringify(map))

test('what a map leaves out has defaults', () => {
  expect(parse(good)).toMatchObject({
    file: { delimiter: ',', header: true, skipLines: 0, decimal: '.' },
    missing: ['', 'NA', 'NaN', 'null'],
    batch: 500,
  })
})

test('all faults of a map are named at once, each with its place', () => {
  const bad = {
    ...good,
    file: { delimiter: '', headers: true },
    channels: Array.from({ length: 12 }, () => ({ column: 0, channel: 'level' })),
    batch: 5000,
  }
  expect(() => parse(bad)).toThrow(/\/file\/delimiter.*\/file\/headers|\/file\/headers.*\/file\/delimiter/)
  expect(() => parse(bad)).toThrow(/\/channels\/11\/channel/)
  expect(() => parse(bad)).toThrow(/\/batch/)
  expect(() => parse(bad)).toThrow(/map\.json/)
})

describe('a map is refused', () => {
  test.each([
    ['without a device', { ...good, device: {} }, '/device needs either id or column'],
    ['with two devices', { ...good, device: { id: 'a', column: 'Site' } }, '/device needs either id or column'],
    ['with a prefix for nothing', { ...good, device: { id: 'a', prefix: 'bin-' } }, '/device/prefix'],
    ['without a time', { ...good, time: { zone: 'Asia/Ho_Chi_Minh' } }, '/time needs either column or columns'],
    [
      'without a format',
      { ...good, time: { column: 'Time', zone: 'Asia/Ho_Chi_Minh' } },
      '/time/format goes with column',
    ],
    [
      'with local times of nowhere',
      { ...good, time: { column: 'Time', format: 'd/MM/yyyy H:mm' } },
      '/time/zone is required',
    ],
    ['with a zone that is none', { ...good, time: { ...good.time, zone: 'Brisbane' } }, 'no IANA time zone'],
    ['with a format that says nothing', { ...good, time: { ...good.time, format: 'H:mm' } }, 'does not name the year'],
    [
      'with a channel from two columns',
      { ...good, channels: [...good.channels, ...good.channels] },
      'has a column already',
    ],
    ['with names for a file without a header', { ...good, file: { header: false } }, 'column Level has a name'],
    ['without a required part', { device: { id: 'a' }, time: good.time }, '/channels is required'],
  ])('%s', (_why, map, words) => {
    expect(() => parse(map)).toThrow(words)
  })

  test('that is not JSON', () => {
    expect(() => parseRecordingMap('map.json', '{')).toThrow('map.json: not JSON')
  })
})

test('every map of the project can be used', () => {
  const names = readdirSync(MAPS)
  expect(names).toContain('river.json')
  for (const name of names)
    expect(parseRecordingMap(name, readFileSync(new URL(name, MAPS), 'utf8')).channels.length).toBeGreaterThan(0)
})
