import { expect, test } from 'vitest'
import { listenError } from '../../../libs/runtime/listen-error.ts'

const PLACE = { host: '127.0.0.1', port: 883, hostKey: 'mqttHost', portKey: 'mqttsPort' } as const
const errorOf = (code: string) => listenError(Object.assign(new Error('listen'), { code }), PLACE)

test.each([
  ['EADDRINUSE', 'KENG_CONFIG_PORT_IN_USE', '127.0.0.1:883 (KENG_MQTTS_PORT)'],
  ['EACCES', 'KENG_CONFIG_INVALID', 'KENG_MQTTS_PORT=883'],
  ['EADDRNOTAVAIL', 'KENG_CONFIG_INVALID', 'KENG_MQTT_HOST=127.0.0.1'],
  ['ENOTFOUND', 'KENG_CONFIG_INVALID', 'KENG_MQTT_HOST=127.0.0.1'],
])('%s becomes %s and names the setting', (system, code, text) => {
  const error = errorOf(system)
  expect(error).toMatchObject({ code, message: expect.stringContaining(text) })
})

test('an error that no setting causes stays what it is', () => {
  expect(errorOf('EMFILE')).toMatchObject({ code: 'EMFILE', message: 'listen' })
})
