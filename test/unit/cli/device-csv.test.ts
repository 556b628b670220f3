import { describe, expect, test } from 'vitest'

import { parseDeviceCsv } from '../../../services/cli/device-csv.ts'
import { UsageError } from '../../../services/cli/terminal.ts'

describe('parseDeviceCsv', () => {
  test('reads texts, numbers and channels, and leaves empty cells out', () => {
    const csv = [
      'id,name,latitude,longitude,expectedIntervalSeconds,channels,area',
      'ws-01,"Cầu Ông Thìn, bờ bắc",10.6,106.6,60,ph=water.ph t=water.temperature,',
      'ws-02,,,,,"{""ph"":""water.ph""}",27595',
    ].join('\r\n')
    expect(parseDeviceCsv(`\uFEFF${csv}\r\n`)).toEqual([
      {
        id: 'ws-01',
        name: 'Cầu Ông Thìn, bờ bắc',
        latitude: 10.6,
        longitude: 106.6,
        expectedIntervalSeconds: 60,
        channels: { ph: 'water.ph', t: 'water.temperature' },
      },
      { id: 'ws-02', channels: { ph: 'water.ph' }, area: '27595' },
    ])
  })

  test.each([
    ['id,longtitude\na,1', 'column longtitude is not known, did you mean longitude'],
    ['id,__proto__\na,1', 'column __proto__ is not known'],
    ['name\nWell', 'there is no column id'],
    ['id,latitude\na,ten\nb,x', 'row 1, latitude: ten is not a number; row 2, latitude: x is not a number'],
    ['id,name\n,Well', 'row 1: no id'],
    ['id,name\na', 'row 1: 1 cells, the heading has 2'],
    ['id,channels\na,ph', 'row 1, channels: ph is not short=channel'],
    ['id,name\n', 'the file has no devices'],
    ['', 'there is no column id'],
  ])('says what is wrong with %j', (csv, message) => {
    expect(() => parseDeviceCsv(csv)).toThrow(UsageError)
    expect(() => parseDeviceCsv(csv)).toThrow(message)
  })
})
