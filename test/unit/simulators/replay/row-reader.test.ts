import { describe, expect, test } from 'vitest'

import { deviceIdFrom } from '../../../../simulators/replay/device-name.ts'
import { parseRecordingMap } from '../../../../simulators/replay/recording-map.ts'
import { createRowReader } from '../../../../simulators/replay/row-reader.ts'

const reader = (map: object) => {
  const columns = ['site', 'time', 'a', 'b']
  return createRowReader(parseRecordingMap('map.json', JSON.stringify(map)), {
    indexOf: (column) => (typeof column === 'number' ? column - 1 : columns.indexOf(column)),
  })
}
const map = {
  device: { column: 'site' },
  time: { column: 'time', format: 'iso', zone: 'Europe/London' },
  channels: [
    { column: 'a', channel: 'water.level' },
    { column: 'b', channel: 'water.turbidity' },
  ],
}
const row = (...cells: string[]) => ({ line: 1, cells })

describe('a row', () => {
  test('becomes a message of its device with every finite number', () => {
    expect(reader(map).read(row('Site 1', '2016-01-01T00:00:00', '-0.109', '1e2'))).toEqual({
      device: 'site-1',
      ts: Date.UTC(2016, 0, 1),
      values: { 'water.level': -0.109, 'water.turbidity': 100 },
    })
  })

  test('keeps its number as written unless it is to be converted', () => {
    const converting = {
      ...map,
      channels: [{ column: 'a', channel: 'water.conductivity', factor: 1000, offset: -5 }, map.channels[1]],
    }
    expect(reader(converting).read(row('x', '2016-01-01', '0.4', '0.1'))).toMatchObject({
      values: { 'water.conductivity': 395, 'water.turbidity': 0.1 },
    })
  })

  test('leaves out cells that are missing, and counts apart what is no number', () => {
    const rows = reader(map)
    expect(rows.read(row('x', '2016-01-01', 'NA', ' 3 '))).toMatchObject({ values: { 'water.turbidity': 3 } })
    for (const text of ['n/a', '0x10', 'Infinity', '1e999', '1_000', '1,5', '--', '1 2'])
      rows.read(row('x', '2016-01-01', text, '1'))
    expect(rows.cells).toEqual({ missing: 1, unreadable: 8 })
  })

  test('says why it gives no message', () => {
    const rows = reader(map)
    expect(rows.read(row('', '2016-01-01', '1', '1'))).toBe('no-device')
    expect(rows.read(row('x', 'soon', '1', '1'))).toBe('no-time')
    expect(rows.read(row('x', '2016-01-01', 'NA', ''))).toBe('no-values')
    expect(rows.read(row('x', '2016-01-01'))).toBe('no-values')
  })

  test('may use words for numbers and a comma for the point', () => {
    const wind = {
      ...map,
      file: { decimal: ',' },
      channels: [{ column: 'a', channel: 'wind.direction', words: { NW: 315, cv: null } }, map.channels[1]],
    }
    const rows = reader(wind)
    expect(rows.read(row('x', '2016-01-01', 'NW', '1,5'))).toMatchObject({
      values: { 'wind.direction': 315, 'water.turbidity': 1.5 },
    })
    expect(rows.read(row('x', '2016-01-02', 'cv', '2'))).toMatchObject({ values: { 'water.turbidity': 2 } })
    expect(rows.cells).toEqual({ missing: 1, unreadable: 0 })
  })

  test('takes year, month, day and hour from columns of their own', () => {
    const hourly = {
      ...map,
      device: { id: 'air' },
      time: { columns: { year: 1, month: 2, day: 3, hour: 4 }, zone: 'Asia/Shanghai' },
      channels: [{ column: 5, channel: 'air.pm25' }],
    }
    expect(reader(hourly).read(row('2010', '1', '2', '23', '129'))).toEqual({
      device: 'air',
      ts: Date.UTC(2010, 0, 2, 15),
      values: { 'air.pm25': 129 },
    })
    expect(reader(hourly).read(row('2010', '2', '30', '0', '129'))).toBe('no-time')
    expect(reader(hourly).read(row('2010', '', '1', '0', '129'))).toBe('no-time')
  })
})

test('in an hour that the clock repeats, the second round is an hour later', () => {
  const rows = reader(map)
  const hours = ['2016-10-30T00:30:00', '2016-10-30T01:30:00', '2016-10-30T01:30:00', '2016-10-30T02:30:00']
  const times = hours.map((time) => {
    const message = rows.read(row('x', time, '1', '1'))
    return typeof message === 'string' ? message : new Date(message.ts).toISOString().slice(11, 16)
  })
  expect(times).toEqual(['23:30', '00:30', '01:30', '02:30'])
})

test('names of places become device ids, and two names never become one device', () => {
  expect(deviceIdFrom('Bể Đông Số 7')).toBe('be-dong-so-7')
  expect(deviceIdFrom('325048', 'bin-')).toBe('bin-325048')
  expect(deviceIdFrom('///')).toBeNull()
  expect(deviceIdFrom('x'.repeat(100))).toHaveLength(64)
  const rows = reader(map)
  rows.read(row('Bể 7', '2016-01-01', '1', '1'))
  expect(() => rows.read(row('be 7', '2016-01-01', '1', '1'))).toThrow('both become the device be-7')
})
