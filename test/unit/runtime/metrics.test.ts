import { describe, expect, test } from 'vitest'

import { createMetrics } from '../../../libs/runtime/metrics.ts'

describe('metrics', () => {
  test('are written as Prometheus text', async () => {
    const metrics = createMetrics()
    metrics.counter('keng_ingest_messages_total', 'messages').inc(3)
    metrics.counterBy('keng_decode_rejections_total', 'rejections', 'code')('KENG_DECODE_UTF8').inc()
    metrics.gauge('keng_ingest_connections', 'connections', () => 7)
    metrics.gaugeBy('keng_store_queue_batches', 'waiting', 'queue')('hot').set(2)
    metrics.histogram('keng_store_write_seconds', 'time', [0.1, 1]).observe(0.5)
    const text = await metrics.text()
    expect(text).toContain('keng_ingest_messages_total 3\n')
    expect(text).toContain('keng_decode_rejections_total{code="KENG_DECODE_UTF8"} 1\n')
    expect(text).toContain('keng_ingest_connections 7\n')
    expect(text).toContain('keng_store_queue_batches{queue="hot"} 2\n')
    expect(text).toContain('keng_store_write_seconds_bucket{le="1"} 1\n')
    expect(metrics.contentType).toContain('text/plain')
  })

  test.each(['ingest_messages_total', 'keng_messages', 'keng_Ingest_messages_total', 'keng_ingest_messages'])(
    'refuse a counter named %s',
    (name) => {
      expect(() => createMetrics().counter(name, '')).toThrow(name)
    },
  )

  test('refuse a gauge that is named like a counter', () => {
    expect(() => createMetrics().gauge('keng_ingest_messages_total', '')).toThrow('counters end in _total')
  })

  test('count label values beyond the bound as other', async () => {
    const metrics = createMetrics()
    const codes = metrics.counterBy('keng_ingest_codes_total', 'codes', 'code')
    for (let i = 0; i < 250; i++) codes(`code${i}`).inc()
    const text = await metrics.text()
    expect(text.match(/keng_ingest_codes_total\{/g)).toHaveLength(101)
    expect(text).toContain('keng_ingest_codes_total{code="other"} 150\n')
  })

  test('give the same cell for the same label value', () => {
    const codes = createMetrics().counterBy('keng_ingest_codes_total', 'codes', 'code')
    expect(codes('a')).toBe(codes('a'))
  })
})
