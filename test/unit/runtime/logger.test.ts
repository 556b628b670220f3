import { describe, expect, test } from 'vitest'

import { KengError } from '../../../libs/core/errors.ts'
import { createLogger } from '../../../libs/runtime/logger.ts'

function record(pretty: boolean) {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', pretty, write: (line) => lines.push(line) })
  return { logger, text: () => lines.join('') }
}

describe('the logger', () => {
  test('takes secrets out at any depth that code logs them at', () => {
    const { logger, text } = record(false)
    logger.info(
      { token: 'one-secret', user: { password: 'two-secret' }, req: { headers: { authorization: 'three-secret' } } },
      'x',
    )
    expect(text()).toContain('[redacted]')
    expect(text()).not.toMatch(/(one|two|three)-secret/)
  })

  test('takes the credentials out of addresses, also inside messages of others', () => {
    const { logger, text } = record(false)
    logger.info({ error: new Error('cannot open rtsp://admin:hunter2@192.0.2.1/stream') }, 'camera lost')
    expect(text()).toContain('rtsp://[redacted]@192.0.2.1/stream')
    expect(text()).not.toContain('hunter2')
  })

  test('writes our errors with their code and others with their stack', () => {
    const { logger, text } = record(false)
    logger.error({ error: new KengError('KENG_LOG_FULL', '/data') }, 'held')
    logger.error({ error: new TypeError('boom') }, 'broken')
    const [ours, foreign] = text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; error: { code?: string; stack?: string } })
    expect(ours).toMatchObject({ level: 'error', error: { code: 'KENG_LOG_FULL' } })
    expect(foreign?.error.stack).toContain('TypeError: boom')
  })

  test('writes plain lines for a terminal', () => {
    const { logger, text } = record(true)
    logger.child({ service: 'ingest' }).info({ device: 'w1' }, 'connected')
    expect(text()).toMatch(/^\d\d:\d\d:\d\d info {2}ingest connected device=w1\n$/)
  })

  test('keeps quiet below its level', () => {
    const { logger, text } = record(false)
    logger.debug('detail')
    expect(text()).toBe('')
  })
})
