/** Everything in one process on embedded parts: opens, connects and closes the parts in order. */

import { existsSync, readFileSync } from 'node:fs'
import { openLogRegistry } from '../../libs/adapters/log-registry/log-registry.ts'
import type { Damage } from '../../libs/adapters/segment/damage.ts'
import { createSegmentEventLog, type SegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import { KengError } from '../../libs/core/errors.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import type { Config } from '../../libs/runtime/config.ts'
import { type DataDir, openDataDir } from '../../libs/runtime/data-dir.ts'
import { createLifecycle, fatal, type Lifecycle } from '../../libs/runtime/lifecycle.ts'
import { createLogger, type Logger } from '../../libs/runtime/logger.ts'
import { createMetrics } from '../../libs/runtime/metrics.ts'
import { packageFile } from '../../libs/runtime/package-file.ts'
import { removeReadyFile, writeReadyFile } from '../../libs/runtime/ready-file.ts'
import { createSystemClock } from '../../libs/runtime/system-clock.ts'
import { createApi } from '../api/api-service.ts'
import { clockStart } from '../ingest/clock-start.ts'
import { createIngestService, type IngestService } from '../ingest/ingest-service.ts'
import { createMqttWebSocket } from '../ingest/mqtt-websocket.ts'
import { loadRules } from './load-rules.ts'
import { createMeasure } from './measure.ts'
import { readinessOf } from './readiness.ts'
import { reportHealth } from './report-health.ts'
import { startDemo } from './start-demo.ts'
import { type PipelineThread, startPipeline } from './start-pipeline.ts'

export interface AllInOneOptions {
  /** Whether a simulated commune plays on it. */
  readonly demo: boolean
}

export interface AllInOne {
  /** Opens the page with a session; once, within ten minutes. */
  readonly link: string
  /** Drains and closes; false when not all was drained in time. May be called twice. */
  stop(): Promise<boolean>
}

/** What DuckDB may use. The whole process must fit a box of 512 MB with its devices. */
const DATABASE_MEMORY = '96MB'
const DAY_MS = 86_400_000
/** With what ingest and the log may take, less than the ten seconds that supervisors wait. */
const PIPELINE_STOP_MS = 3_000

/** Throws before the first socket opens where a setting, the data folder or the rules are wrong; ends the process where going on would lie. */
export async function startAllInOne(config: Config, { demo }: AllInOneOptions): Promise<AllInOne> {
  const rules = loadRules(config.rules)
  const tls = readTls(config)
  const logger = createLogger({ level: config.logLevel })
  const clock = createSystemClock()
  const lifecycle = createLifecycle({ logger, clock })
  const metrics = createMetrics()
  const die = (error: Error) => fatal(error, process, (line) => void process.stderr.write(`${line}\n`))

  const open = createOpener(lifecycle)

  const folder = await open(
    'data folder',
    () => openDataDir(config.dataDir),
    (opened) => opened.close(),
  )
  removeReadyFile(config.dataDir)
  const log = await open(
    'log',
    () => openLog(config, folder, clock, logger, die),
    (opened) => opened.close(),
  )
  let ingest: IngestService | null = null
  const registry = await openLogRegistry({
    log,
    clock,
    tokenKey: folder.tokenKey,
    onChange: async (entry) => ingest?.announce(entry),
    onRevoked: (device) => ingest?.disconnect(device),
  })
  const pipeline = await open(
    'pipeline',
    () =>
      openPipeline(
        log,
        {
          databaseFile: folder.file('series.duckdb'),
          memoryLimit: DATABASE_MEMORY,
          retentionDays: config.seriesRetentionDays,
          devices: registry.list(),
          rules,
        },
        die,
      ),
    async (opened) => {
      // On a full disk it would wait for room; what it has not committed is done again after the next start.
      await atMost(clock, PIPELINE_STOP_MS, opened.stop())
      await opened.terminate()
    },
  )
  pipeline.onRefused((notices) => {
    for (const { device, body } of notices) ingest?.sendRejected(device, body)
  })
  const intake = createIngestService(
    { log, clock, credentials: registry, lookup: (device) => registry.get(device), logger },
    {
      host: config.mqttHost,
      port: config.mqttPort,
      ...(tls === undefined ? {} : { tls: { ...tls, port: config.mqttsPort } }),
      maxConnections: config.mqttMaxConnections,
      connectTimeoutMs: config.mqttConnectTimeoutSeconds * 1000,
      maxInFlightBytesPerClient: config.mqttMaxInFlightBytesPerClient,
      maxInFlightBytes: config.mqttMaxInFlightBytes,
      last: clockStart(log.newestAtOpen('keng.raw.v1')),
    },
  )
  ingest = intake
  const mqtt = await open(
    'ingest',
    () => intake.start(),
    () => intake.stop(),
  )
  const dashboardDir = packageFile('dist/dashboard')
  const api = createApi(
    {
      log,
      registry,
      credentials: registry,
      pipeline,
      live: pipeline,
      intake,
      clock,
      logger,
      meters: metrics,
      metrics: createMeasure({ metrics, ingest: intake, log, pipeline }),
      readiness: () => readinessOf(log, pipeline, intake),
      secrets: folder,
      ...(existsSync(dashboardDir) ? { dashboardDir } : {}),
    },
    {
      host: config.host,
      port: config.httpPort,
      plainHttp: config.plainHttp,
      language: config.lang,
      ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
      ...(tls === undefined ? {} : { tls: { cert: tls.cert.toString(), key: tls.key.toString() } }),
    },
  )
  const http = await open(
    'api',
    () => api.start(),
    () => api.stop(),
  )
  const webSocket = createMqttWebSocket((connection) => intake.handle(connection))
  await open(
    'mqtt over websocket',
    () => void api.app.server.on('upgrade', webSocket.upgrade),
    () => webSocket.close(),
  )
  const addresses = {
    http: `${tls === undefined ? 'http' : 'https'}://${urlHost(config.host)}:${http.port}`,
    mqtt: `mqtt://${urlHost(config.mqttHost)}:${mqtt.port}`,
  }
  if (demo) {
    await open(
      'demo',
      () => startDemo({ clock, logger, folder, ...addresses }),
      (simulation) => simulation.stop(),
    )
  }
  await open(
    'health report',
    () => reportHealth({ clock, logger, readiness: () => readinessOf(log, pipeline, intake) }),
    (end) => end(),
  )
  const link = api.enterLink()
  await open(
    'ready file',
    () => writeReadyFile(config.dataDir, { pid: process.pid, ...addresses, link }),
    () => removeReadyFile(config.dataDir),
  )
  return { link, stop: lifecycle.stop }
}

type Open = <T>(name: string, start: () => T | Promise<T>, stop: (opened: T) => void | Promise<void>) => Promise<T>

/** Starts one part more; when it fails, those before it are stopped in reverse. */
function createOpener(lifecycle: Lifecycle): Open {
  return async (name, start, stop) => {
    const opened: Awaited<ReturnType<typeof start>>[] = []
    await lifecycle.start([
      {
        name,
        start: async () => void opened.push(await start()),
        stop: async () => {
          for (const part of opened.splice(0)) await stop(part)
        },
      },
    ])
    const [part] = opened
    if (part === undefined && opened.length === 0) throw new Error(`${name} was not started: the process is stopping`)
    return part as Awaited<ReturnType<typeof start>>
  }
}

/** Resolves with the work, or without it when the time is over. */
const atMost = (clock: Clock, milliseconds: number, work: Promise<void>): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(milliseconds, resolve)
    work.then(resolve, reject).finally(cancel)
  })

const openLog = (config: Config, folder: DataDir, clock: Clock, logger: Logger, die: (error: Error) => void) =>
  createSegmentEventLog({
    dir: folder.file('log'),
    clock,
    sizes: { 'keng.raw.v1': { retentionMs: config.rawRetentionDays * DAY_MS } },
    onFatal: die,
    onDamage: (damage) => reportDamage(logger, damage),
  })

/** Resolves when the pipeline has recovered, or has begun to try again. */
async function openPipeline(
  log: SegmentEventLog,
  data: Parameters<typeof startPipeline>[1],
  die: (error: Error) => void,
): Promise<PipelineThread> {
  const pipeline = startPipeline(log, data, die)
  pipeline.onFatal(die)
  await pipeline.state()
  return pipeline
}

/** A cut tail is what every power cut leaves: nothing of it was acknowledged. Anything else is lost data. */
function reportDamage(logger: Logger, damage: Damage): void {
  const fields = { code: 'KENG_LOG_DAMAGED', ...damage }
  if (damage.kind === 'tail') logger.warn(fields, 'an unfinished batch was cut off the end of the log')
  else logger.error(fields, 'a damaged batch was stepped over')
}

/** The certificate and its key, read before any socket opens. */
function readTls({ tlsCert, tlsKey }: Config): { cert: Buffer; key: Buffer } | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  try {
    return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }
  } catch (cause) {
    throw new KengError('KENG_CONFIG_INVALID', `KENG_TLS_CERT or KENG_TLS_KEY cannot be read: ${String(cause)}`, {
      cause,
    })
  }
}

/** An address people can open: an IPv6 address stands in brackets, and "all addresses" is reached on loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
