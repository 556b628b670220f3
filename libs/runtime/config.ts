/** All settings in one schema, with defaults and units; the only file that reads the environment (docs/config.md). */

import { type Static, Type } from 'typebox'

import { type Environment, readSettings, type SettingSchema } from './read-settings.ts'

const MIB = 1024 * 1024

const port = (defaultPort: number, description: string) =>
  Type.Integer({ default: defaultPort, minimum: 0, maximum: 65_535, description: `${description}; 0 takes a free one` })

export const CONFIG_SCHEMA = Type.Object({
  dataDir: Type.String({ default: './data', description: 'Folder of everything that is kept; made with mode 0700' }),
  host: Type.String({ default: '127.0.0.1', description: 'Address that HTTP listens on' }),
  httpPort: port(8080, 'Port of the page, the API and MQTT over WebSocket'),
  mqttHost: Type.String({ default: '127.0.0.1', description: 'Address that MQTT listens on' }),
  mqttPort: port(1883, 'Port of MQTT in the clear'),
  mqttsPort: port(8883, 'Port of MQTT over TLS, opened where a certificate is set'),
  tlsCert: Type.Optional(Type.String({ description: 'PEM file of the certificate chain for HTTPS and MQTT over TLS' })),
  tlsKey: Type.Optional(Type.String({ description: 'PEM file of the private key to it' })),
  publicUrl: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s/?#]+/?$',
      patternMeans: 'http:// or https:// and a host, without a path',
      description: 'Address under which people reach the page, where it differs from host and port',
    }),
  ),
  plainHttp: Type.Enum(['loopback', 'allow'], {
    default: 'loopback',
    description: 'Where people may log in without HTTPS: on loopback only, or anywhere',
  }),
  log: Type.Enum(['embedded'], {
    default: 'embedded',
    description: 'Where the event log lives: segment files in the data folder',
  }),
  series: Type.Enum(['embedded'], {
    default: 'embedded',
    description: 'Where readings live: DuckDB in the data folder',
  }),
  rawRetentionDays: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 36_500,
    unit: 'days',
    description: 'How long messages are kept as they arrived; never shorter than the slowest reader needs',
  }),
  seriesRetentionDays: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 36_500,
    unit: 'days',
    description: 'How long readings are kept; 0 = for ever',
  }),
  lang: Type.Enum(['vi', 'en'], { default: 'vi', description: 'Language of the page and of messages to people' }),
  rules: Type.Optional(
    Type.String({ description: 'JSON file of alert rules; absent = the pack for water that comes along' }),
  ),
  logLevel: Type.Enum(['error', 'warn', 'info', 'debug'], {
    default: 'info',
    description: 'The least important log lines written',
  }),
  mqttMaxConnections: Type.Integer({
    default: 20_000,
    minimum: 1,
    maximum: 1_000_000,
    unit: 'connections',
    description: 'Connections of devices at one time; more are closed as they open',
  }),
  mqttConnectTimeoutSeconds: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 300,
    unit: 'seconds',
    description: 'Time from opening the connection to a complete CONNECT',
  }),
  mqttMaxInFlightBytesPerClient: Type.Integer({
    default: 256 * 1024,
    minimum: 256 * 1024,
    unit: 'bytes',
    description: 'Messages of one client that are read and not yet durable; at the bound its socket is not read',
  }),
  mqttMaxInFlightBytes: Type.Integer({
    default: 16 * MIB,
    minimum: MIB,
    unit: 'bytes',
    description: 'The same for all clients together',
  }),
})

export type Config = Static<typeof CONFIG_SCHEMA>

/** Each setting by its key; docs/config.md has a row for each. */
export const SETTINGS: Readonly<Record<keyof Config, SettingSchema>> = CONFIG_SCHEMA.properties

/** Throws KENG_CONFIG_INVALID with every problem; opens nothing but the files of secrets. `defaults` take the schema's place. */
export const loadConfig = (env: Environment = process.env, defaults: Partial<Config> = {}): Config =>
  readSettings<Config>(SETTINGS, env, { defaults, check: acrossSettings })

/** Config for code that is given one in process, as tests do: defaults, with `changes` laid over them. */
export const configWith = (changes: Partial<Config>): Config => ({ ...loadConfig({}), ...changes })

function acrossSettings(config: Config): string[] {
  const problems: string[] = []
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    problems.push('only one of KENG_TLS_CERT and KENG_TLS_KEY is set, allowed: both or none')
  }
  if (config.mqttMaxInFlightBytes < config.mqttMaxInFlightBytesPerClient) {
    problems.push(
      `KENG_MQTT_MAX_IN_FLIGHT_BYTES=${config.mqttMaxInFlightBytes}, allowed: at least KENG_MQTT_MAX_IN_FLIGHT_BYTES_PER_CLIENT (${config.mqttMaxInFlightBytesPerClient})`,
    )
  }
  return problems
}
