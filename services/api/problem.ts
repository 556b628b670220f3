/** Errors as RFC 9457 problem details, each with its code out of the error table. */

import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

import { ERRORS, type ErrorCode, type ErrorRow, isKengError, KengError } from '../../libs/core/errors.ts'
import type { Logger } from '../../libs/runtime/logger.ts'
import { InvalidRequest } from './invalid-request.ts'

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'KENG_HTTP_MALFORMED',
  404: 'KENG_HTTP_NOT_FOUND',
  413: 'KENG_HTTP_TOO_LARGE',
  415: 'KENG_HTTP_MEDIA_TYPE',
  429: 'KENG_HTTP_RATE',
  503: 'KENG_HTTP_BUSY',
}
const RETRY_AFTER_SECONDS = 2

/** Answers errors of any origin; what nobody foresaw is logged whole and told as `KENG_HTTP_INTERNAL` only. */
export function createErrorHandler(logger: Logger) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const known = knownError(error)
    if (known.code === 'KENG_HTTP_INTERNAL') {
      logger.error({ error, method: request.method, route: request.routeOptions.url }, 'a request failed')
    }
    sendProblem(reply, known)
  }
}

export function sendProblem(reply: FastifyReply, error: KengError): void {
  const status = (ERRORS[error.code] as ErrorRow).http
  if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER_SECONDS)
  reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      code: error.code,
      detail: error.message,
      ...(error instanceof InvalidRequest && { errors: error.faults }),
    })
}

function knownError(error: FastifyError | Error): KengError {
  if (isKengError(error)) return error
  const code = CODE_OF_STATUS[(error as FastifyError).statusCode ?? 500]
  if (code === undefined) return new KengError('KENG_HTTP_INTERNAL', 'an error nobody foresaw', { cause: error })
  return new KengError(code, error.message.replace(/\.$/, ''), { cause: error })
}
