/** Holds every JSON answer against the schema of its route: one that does not fit becomes a 500 and a failed test. */

import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

import { Problem } from '../../../services/api/schemas/answers.ts'
import type { TypedApp } from '../../../services/api/typed-app.ts'

export function checkAnswers(app: TypedApp): void {
  app.addHook('preSerialization', async (request, reply, payload) => {
    const route = request.routeOptions
    // The 404 handler has no schema; what fails before a route is found neither.
    const schemas = route.schema?.response as Record<number, TSchema> | undefined
    const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json')
    const schema = isProblem ? Problem : schemas?.[reply.statusCode]
    if (schema === undefined) {
      if (schemas === undefined) return payload
      throw new Error(`${route.method} ${route.url} answers ${reply.statusCode}, which its schema does not name`)
    }
    if (isProblem && schemas !== undefined && reply.statusCode < 500 && schemas[reply.statusCode] === undefined) {
      throw new Error(
        `${route.method} ${route.url} answers the problem ${reply.statusCode}, which its schema does not name`,
      )
    }
    // Through JSON, as it goes out: undefined fields are not there.
    const sent = JSON.parse(JSON.stringify(payload))
    const validator = Compile(schema)
    if (!validator.Check(sent)) throw new Error(`${route.url}: ${JSON.stringify(validator.Errors(sent).slice(0, 3))}`)
    return payload
  })
}
