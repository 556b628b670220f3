import { describe, expect, test } from 'vitest'

import { KengError } from '../../../libs/core/errors.ts'
import { configWith, loadConfig } from '../../../libs/runtime/config.ts'
import { readSettings } from '../../../libs/runtime/read-settings.ts'

const problemsOf = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (error instanceof KengError && error.code === 'KENG_CONFIG_INVALID') return error.message
    throw error
  }
  throw new Error('no problem was reported')
}

describe('loadConfig', () => {
  test('gives the defaults of the contract where nothing is set', () => {
    expect(loadConfig({})).toMatchObject({
      dataDir: './data',
      host: '127.0.0.1',
      httpPort: 8080,
      mqttHost: '127.0.0.1',
      mqttPort: 1883,
      mqttsPort: 8883,
      plainHttp: 'loopback',
      log: 'embedded',
      series: 'embedded',
      rawRetentionDays: 30,
      seriesRetentionDays: 0,
      lang: 'vi',
    })
    expect(loadConfig({})).not.toHaveProperty('tlsCert')
  })

  test('reads numbers, words and paths', () => {
    const config = loadConfig({
      KENG_HTTP_PORT: '0',
      KENG_LANG: 'en',
      KENG_RULES: 'rules.json',
      KENG_PUBLIC_URL: 'https://keng.example',
    })
    expect(config).toMatchObject({ httpPort: 0, lang: 'en', rules: 'rules.json', publicUrl: 'https://keng.example' })
  })

  test('takes an empty variable as absent', () => {
    expect(loadConfig({ KENG_HTTP_PORT: '', KENG_TLS_CERT: '' })).toEqual(loadConfig({}))
  })

  test('reports every problem at once, with variable, value and what is allowed', () => {
    const message = problemsOf(() =>
      loadConfig({ KENG_HTTP_PORT: '99999', KENG_LANG: 'fr', KENG_MQTT_PRT: '1', KENG_RAW_RETENTION_DAYS: '0' }),
    )
    expect(message).toContain('KENG_HTTP_PORT=99999, allowed: a whole number from 0 to 65535')
    expect(message).toContain('KENG_LANG=fr, allowed: vi or en')
    expect(message).toContain('KENG_MQTT_PRT is not a setting, did you mean KENG_MQTT_PORT')
    expect(message).toContain('KENG_RAW_RETENTION_DAYS=0, allowed: a whole number from 1 to 36500 days')
  })

  test.each(['0x1F', '1e3', ' 80', '80.5', '-1', 'eighty'])('refuses %j as a port', (text) => {
    expect(problemsOf(() => loadConfig({ KENG_HTTP_PORT: text }))).toContain(`KENG_HTTP_PORT=${text}`)
  })

  test('refuses a certificate without its key', () => {
    expect(problemsOf(() => loadConfig({ KENG_TLS_CERT: 'cert.pem' }))).toContain('KENG_TLS_KEY')
  })

  test('refuses a bound for all clients below the bound for one', () => {
    const env = { KENG_MQTT_MAX_IN_FLIGHT_BYTES: '1048576', KENG_MQTT_MAX_IN_FLIGHT_BYTES_PER_CLIENT: '2097152' }
    expect(problemsOf(() => loadConfig(env))).toContain('at least KENG_MQTT_MAX_IN_FLIGHT_BYTES_PER_CLIENT')
  })

  test('ignores what Kubernetes sets beside a Service named keng', () => {
    const env = { KENG_SERVICE_HOST: '10.0.0.1', KENG_PORT: 'tcp://10.0.0.1:80', KENG_PORT_80_TCP_ADDR: '10.0.0.1' }
    expect(loadConfig(env)).toEqual(loadConfig({}))
  })

  test('lays changes over the defaults', () => {
    expect(configWith({ httpPort: 0 })).toEqual({ ...loadConfig({}), httpPort: 0 })
  })
})

describe('a secret', () => {
  const secret = { apiToken: { type: 'string', secret: true, pattern: '^.{8,}$', patternMeans: 'at least 8 letters' } }

  test('is never shown in a problem', () => {
    const message = problemsOf(() => readSettings(secret, { KENG_API_TOKEN: 'short' }))
    expect(message).toContain('KENG_API_TOKEN=[secret], allowed: at least 8 letters')
    expect(message).not.toContain('short')
  })

  test('may not be given twice', () => {
    const env = { KENG_API_TOKEN: 'long enough', KENG_API_TOKEN_FILE: 'token.txt' }
    expect(problemsOf(() => readSettings(secret, env))).toContain('both set')
  })

  test('names the file that cannot be read', () => {
    expect(problemsOf(() => readSettings(secret, { KENG_API_TOKEN_FILE: 'no/such/file' }))).toContain(
      'KENG_API_TOKEN_FILE=no/such/file cannot be read (ENOENT)',
    )
  })
})
