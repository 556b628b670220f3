/** HTTP for people, programs and devices: routes, sessions, the live stream, and the built page. */

import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fastifyCookie from '@fastify/cookie'
import fastifyHelmet from '@fastify/helmet'
import fastifyRateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import fastifySwagger from '@fastify/swagger'
import Fastify from 'fastify'

import { KengError } from '../../libs/core/errors.ts'
import { listenError } from '../../libs/runtime/listen-error.ts'
import { createAlertBook } from './alert-book.ts'
import { type ApiDeps, type ApiOptions, LIVE_LIMITS } from './api-deps.ts'
import { compileValidator } from './compile-validator.ts'
import { describeApi } from './describe-api.ts'
import { createFeedCounters } from './live/feed-counters.ts'
import { createLiveFeed, type LiveFeed } from './live/live-feed.ts'
import { createAccess, isLoopback } from './login/access.ts'
import { createAuthenticate } from './login/authenticate.ts'
import { createEnterCodes } from './login/enter-codes.ts'
import { createSessions } from './login/sessions.ts'
import { createErrorHandler, sendProblem } from './problem.ts'
import { registerAccountRoutes } from './routes/account-routes.ts'
import { registerAlertRoutes } from './routes/alert-routes.ts'
import { registerDeviceRoutes } from './routes/device-routes.ts'
import { registerLiveRoute } from './routes/live-route.ts'
import { registerReadingRoutes } from './routes/reading-routes.ts'
import type { RouteParts } from './routes/route-parts.ts'
import { registerSessionRoutes } from './routes/session-routes.ts'
import { registerSystemRoutes } from './routes/system-routes.ts'
import { registerTelemetryRoute } from './routes/telemetry-route.ts'
import { Problem } from './schemas/answers.ts'
import { securityHeaders } from './security-headers.ts'
import type { TypedApp } from './typed-app.ts'
import { alertView } from './views/alert-view.ts'
import { liveReadingView } from './views/value-view.ts'

export interface ApiService {
  /** Reads the alerts, then listens. Rejects with KENG_CONFIG_PORT_IN_USE where another program has the port. */
  start(): Promise<{ port: number }>
  /** Ends live streams, answers what is under way, and closes. May be called twice. */
  stop(): Promise<void>
  /** A link that opens the page with a session: once, within ten minutes. Call after start. */
  enterLink(): string
  issueCode(): string
  /** For tests (`inject`), and for what else listens on the same server. */
  readonly app: TypedApp
}

const BODY_BYTES = 256 * 1024
// Alert ids hold rule, subject and time; Fastify's own bound is 100.
const MAX_PARAM_LENGTH = 400
const HEADERS_MS = 10_000
const REQUEST_MS = 30_000
const CHECK_MS = 2000
const DRAIN_MS = 2000
const MAX_CONNECTIONS = 2000
const WRONG_TOKENS_A_MINUTE = 10

export function createApi(deps: ApiDeps, options: ApiOptions): ApiService {
  const { clock, logger, registry } = deps
  const access = createAccess(options)
  const sessions = createSessions({ key: deps.secrets.sessionKey, clock })
  const codes = createEnterCodes(clock)
  const areaOf = (device: string): string | null => registry.get(device)?.area ?? null
  const book = createAlertBook({ log: deps.log, clock, logger, areaOf })
  const feed: LiveFeed = createLiveFeed(
    {
      live: deps.live,
      clock,
      counters: createFeedCounters(deps.meters, () => feed.size()),
      readingView: liveReadingView,
      areaOf,
    },
    { ...LIVE_LIMITS, ...options.live },
  )
  const app = createApp(options)
  let stopping: Promise<void> | undefined
  let origin = originOf(options, options.port)
  const enterUrl = (code: string): string => `${origin}/#enter=${code}`
  const parts: RouteParts = { ...deps, book, feed, sessions, codes, access, enterUrl }

  deps.meters.gauge('keng_api_alerts_held', 'Alerts held in memory', book.size)
  const responses = deps.meters.counterBy('keng_api_responses_total', 'Answers by HTTP status', 'status')
  book.onChange((alert) => feed.publish('alert', alert.device, alert.area, () => alertView(alert)))

  app.decorateRequest('login', null)
  app.addHook('onRequest', (request, _reply, next) => {
    access.checkHost(request)
    next()
  })
  app.addHook('onSend', (_request, reply, payload, next) => {
    if (stopping !== undefined) reply.header('connection', 'close')
    next(null, payload)
  })
  app.addHook('onResponse', (_request, reply, next) => {
    responses(String(reply.statusCode)).inc()
    next()
  })
  app.addHook('onReady', async () => {
    await book.start()
    feed.start()
  })
  app.addHook('preClose', (done) => {
    feed.stop()
    done()
  })
  app.addHook('onClose', () => book.stop())
  app.setErrorHandler(createErrorHandler(logger))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new KengError('KENG_HTTP_NOT_FOUND', `${request.method} ${request.url.slice(0, 200)}`)),
  )
  registerPlugins(app, deps, options, access.https)
  app.register((scope: TypedApp, _options, done) => {
    registerSystemRoutes(scope, parts)
    done()
  })
  app.register(
    (scope: TypedApp, _options, done) => {
      registerV1(scope, parts)
      done()
    },
    { prefix: '/api/v1' },
  )

  const drain = async (): Promise<void> => {
    // A connection that never asked for anything is not idle to Node, and would be waited for as long as it stays.
    const cancel = clock.after(DRAIN_MS, () => app.server.closeAllConnections())
    await app.close()
    cancel()
  }
  return {
    app,
    issueCode: () => codes.issue().code,
    enterLink: () => enterUrl(codes.issue().code),
    async start() {
      const port = await listen(app, options)
      origin = originOf(options, port)
      return { port }
    },
    stop() {
      stopping ??= drain()
      return stopping
    },
  }
}

function createApp({ tls }: ApiOptions): TypedApp {
  const app: TypedApp = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    exposeHeadRoutes: false,
    // Reading five years of alerts at the start may take longer than a plugin's ten seconds.
    pluginTimeout: 0,
    forceCloseConnections: 'idle',
    // An address that cannot be decoded meets no hook and no error handler.
    frameworkErrors: (error, _request, reply) =>
      sendProblem(reply, new KengError('KENG_HTTP_MALFORMED', error.message)),
    serverFactory(handler) {
      const limits = { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS }
      const server =
        tls === undefined ? createHttpServer(limits, handler) : createHttpsServer({ ...limits, ...tls }, handler)
      server.maxConnections = MAX_CONNECTIONS
      return server as ReturnType<typeof createHttpServer>
    },
  })
  app.addSchema(Problem)
  app.setValidatorCompiler(compileValidator)
  // Answers are made by typed views, and tests hold them against their schemas.
  app.setSerializerCompiler(() => JSON.stringify)
  // A form of another page can send text/plain without asking; nobody else needs it.
  app.removeContentTypeParser('text/plain')
  return app
}

function registerPlugins(app: TypedApp, { dashboardDir }: ApiDeps, options: ApiOptions, https: boolean): void {
  app.register(fastifyHelmet, securityHeaders(https))
  app.register(fastifyCookie)
  app.register(fastifyRateLimit, { global: false })
  app.register(fastifySwagger, describeApi(options.version ?? '0'))
  if (dashboardDir === undefined) return
  app.get('/', { schema: { hide: true } }, async (_request, reply) => {
    const page = await readFile(join(dashboardDir, 'index.html'), 'utf8')
    const language = options.language ?? 'vi'
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache')
    return page.replace('<html lang="vi">', `<html lang="${language}">`)
  })
  app.register(fastifyStatic, {
    root: dashboardDir,
    cacheControl: false,
    setHeaders(reply, path) {
      // Vite puts a hash of the content into the names of what is under assets.
      reply.setHeader('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

function registerV1(scope: TypedApp, parts: RouteParts): void {
  const { access, credentials, registry, sessions, secrets } = parts
  const countTokens = scope.createRateLimit({ max: WRONG_TOKENS_A_MINUTE, timeWindow: '1 minute' })
  const authenticate = createAuthenticate({
    adminToken: () => secrets.adminToken(),
    sessions,
    access,
    registry,
    credentials,
    async countWrongToken(request) {
      const result = await countTokens(request)
      return !result.isAllowed && result.isExceeded ? result.ttlInSeconds : null
    },
  })
  scope.addHook('onRequest', authenticate)
  scope.addHook('onSend', (_request, reply, payload, next) => {
    reply.header('cache-control', 'no-store')
    next(null, payload)
  })
  registerSessionRoutes(scope, parts)
  registerDeviceRoutes(scope, parts)
  registerTelemetryRoute(scope, parts)
  registerReadingRoutes(scope, parts)
  registerAlertRoutes(scope, parts)
  registerAccountRoutes(scope, parts)
  registerLiveRoute(scope, parts)
}

async function listen(app: TypedApp, { host, port }: ApiOptions): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, { host, port, hostKey: 'host', portKey: 'httpPort' })
  }
  return (app.server.address() as AddressInfo).port
}

function originOf({ publicUrl, tls, host }: ApiOptions, port: number): string {
  if (publicUrl !== undefined) return new URL(publicUrl).origin
  // Off loopback the address of listening is often none that can be opened.
  const name = isLoopback(host) ? (host.includes(':') ? `[${host}]` : host) : 'localhost'
  return `${tls === undefined ? 'http' : 'https'}://${name}:${port}`
}
