import { expect, test } from 'vitest'

import { compileTimeFormat } from '../../../../simulators/replay/time-format.ts'

const wall = (iso: string) => ({ wallMs: Date.parse(`${iso}Z`) })
const utc = (iso: string) => ({ utcMs: Date.parse(iso) })

test.each([
  ['d/MM/yyyy H:mm', '12/03/2017 1:00', wall('2017-03-12T01:00:00')],
  ['d/MM/yyyy H:mm', '1/03/2017 23:59', wall('2017-03-01T23:59:00')],
  ['yyyy-MM-dd HH:mm:ss.SSS', '2024-02-29 00:00:01.250', wall('2024-02-29T00:00:01.250')],
  ['M/d/yyyy h:mm a', '7/4/2020 12:05 AM', wall('2020-07-04T00:05:00')],
  ['M/d/yyyy h:mm a', '7/4/2020 1:05 pm', wall('2020-07-04T13:05:00')],
  ['yyyyMMddTHHmm', '20200704T1305', wall('2020-07-04T13:05:00')],
  ['iso', '2016-08-09T15:46:34', wall('2016-08-09T15:46:34')],
  ['iso', '2016-08-09', wall('2016-08-09T00:00:00')],
  ['iso', '2016-08-09T15:46:34.123456Z', utc('2016-08-09T15:46:34.123Z')],
  ['iso', '2016-08-09 15:46+07:00', utc('2016-08-09T08:46:00Z')],
  ['iso', '2016-08-09T15:46:34-03:30', utc('2016-08-09T19:16:34Z')],
  ['epoch-s', '1760000000.5', { utcMs: 1_760_000_000_500 }],
  ['epoch-ms', '1760000000500', { utcMs: 1_760_000_000_500 }],
])('%s reads %s', (format, text, expected) => {
  expect(compileTimeFormat(format).parse(text)).toEqual(expected)
})

test.each([
  ['d/MM/yyyy H:mm', '31/02/2017 1:00'],
  ['d/MM/yyyy H:mm', '12/13/2017 1:00'],
  ['d/MM/yyyy H:mm', '12/03/2017 24:00'],
  ['d/MM/yyyy H:mm', '12/03/2017 1:00 '],
  ['d/MM/yyyy H:mm', '12-03-2017 1:00'],
  ['d/MM/yyyy H:mm', ''],
  ['M/d/yyyy h:mm a', '7/4/2020 13:05 pm'],
  ['iso', '2016-13-09T15:46:34'],
  ['iso', 'yesterday'],
  ['epoch-ms', '0x10'],
])('%s refuses %s', (format, text) => {
  expect(compileTimeFormat(format).parse(text)).toBeNull()
})

test.each([
  ['MM/yyyy', 'the day'],
  ['d/MM/yyyy d', 'twice'],
  ['d/MM/yyyy h:mm', 'together'],
  ['DD.MM.yyyy', 'has D'],
])('the format %s is refused because it %s', (format, why) => {
  expect(compileTimeFormat(format).fault).toContain(why)
})
