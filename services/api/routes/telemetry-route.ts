/** Telemetry over HTTP: the same bytes and the same guarantee as over MQTT. */

import type { FastifyRequest } from 'fastify'

import { KengError } from '../../../libs/core/errors.ts'
import type { Clock } from '../../../libs/ports/clock.ts'
import { answers, ID_PARAMS } from '../schemas/answers.ts'
import { TelemetryBody } from '../schemas/telemetry-schema.ts'
import type { TypedApp } from '../typed-app.ts'
import type { RouteParts } from './route-parts.ts'

export const MAX_MESSAGE_BYTES = 256 * 1024
/** Bodies that are read or wait for the disk, of all requests together. */
const MAX_IN_FLIGHT_BYTES = 32 * 1024 * 1024

/** As long as a device with a long keepalive waits over MQTT (contract.md, section 1): on a full disk it must learn that it has to send again. */
const PATIENCE_MS = 30_000

const NO_BODY = Buffer.alloc(0)
const ACCEPTED = {
  description: 'Durable; what decode makes of it shows in readings, rejections and the ledger',
  type: 'null',
}

/** Registers the route in a scope of its own, because there a body is bytes and nothing looks into it. */
export function registerTelemetryRoute(app: TypedApp, { registry, intake, meters, clock }: RouteParts): void {
  let inFlight = 0
  meters.gauge('keng_api_telemetry_in_flight_bytes', 'Telemetry over HTTP that is not durable yet', () => inFlight)

  app.register((scope: TypedApp, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body))

    scope.post(
      '/devices/:id/telemetry',
      {
        bodyLimit: MAX_MESSAGE_BYTES,
        config: { access: 'device' },
        // Decode judges the body, behind the log, as it does for MQTT; the schema is for people.
        validatorCompiler: () => (value: unknown) => ({ value }),
        schema: {
          tags: ['readings'],
          summary: 'Hand in telemetry; 202 once it is durable',
          params: ID_PARAMS,
          body: TelemetryBody,
          response: answers({ 202: ACCEPTED }, 404, 413, 503),
        },
        onRequest: (request, reply, next) => {
          const bytes = announcedBytes(request)
          if (inFlight + bytes > MAX_IN_FLIGHT_BYTES) {
            return next(
              new KengError('KENG_HTTP_BUSY', `${inFlight} bytes wait for the disk, at most ${MAX_IN_FLIGHT_BYTES}`),
            )
          }
          inFlight += bytes
          // 'close' comes after an answer and after a client that went away, and once.
          reply.raw.once('close', () => {
            inFlight -= bytes
          })
          next()
        },
      },
      async (request, reply) => {
        const { id } = request.params as { id: string }
        if (registry.get(id) === undefined) {
          throw new KengError('KENG_REGISTRY_UNKNOWN', JSON.stringify(id.slice(0, 100)))
        }
        await patiently(clock, intake.accept(id, Buffer.isBuffer(request.body) ? request.body : NO_BODY))
        return reply.code(202).send()
      },
    )
    done()
  })
}

/** Rejects when it takes too long. The append may still succeed: the device then sends what is known already. */
function patiently(clock: Clock, durable: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(PATIENCE_MS, () =>
      reject(new KengError('KENG_LOG_UNAVAILABLE', `not durable within ${PATIENCE_MS / 1000} s`)),
    )
    durable.then(resolve, reject).finally(cancel)
  })
}

/** A chunked body does not say how long it is: it may be as long as allowed. */
function announcedBytes({ headers }: FastifyRequest): number {
  const length = Number(
    headers['content-length'] ?? (headers['transfer-encoding'] === undefined ? 0 : MAX_MESSAGE_BYTES),
  )
  return Number.isFinite(length) ? Math.min(Math.max(0, length), MAX_MESSAGE_BYTES) : MAX_MESSAGE_BYTES
}
