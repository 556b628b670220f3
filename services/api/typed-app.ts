/** Fastify with TypeBox behind it: a route's schema is its type, its validation and its OpenAPI. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify'
import type { Static, TSchema } from 'typebox'

import type { Login } from './login/authenticate.ts'

export interface SchemaTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  /** Answers are made by views, whose types are those of the schemas. */
  serializer: unknown
}

export type TypedApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  SchemaTypes
>

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null only on routes that are open to everybody. */
    login: Login | null
  }
  interface FastifyContextConfig {
    /** Under /api/v1: who may ask. A person or program with the admin token or a session, unless said otherwise. */
    access?: 'everybody' | 'device'
  }
}
