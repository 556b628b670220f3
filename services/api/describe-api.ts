/** What the OpenAPI document says besides the routes. */

import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

export const describeApi = (version: string): FastifyDynamicSwaggerOptions => ({
  refResolver: { buildLocalReference: (schema, _uri, _fragment, index) => String(schema.$id ?? `schema-${index}`) },
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Kẻng',
      version,
      description: 'Environmental monitoring and alerting for communes. Sessions and the live stream: docs/http.md.',
    },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'admin.token; for telemetry also a device token' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-keng' },
      },
    },
    security: [{ bearer: [] }, { session: [] }],
  },
})
