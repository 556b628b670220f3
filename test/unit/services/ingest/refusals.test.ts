import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../../libs/runtime/virtual-clock.ts'
import { asBrokerClient } from '../../../../services/ingest/aedes-client.ts'
import { createIngestCounters } from '../../../../services/ingest/ingest-counters.ts'
import { type BrokenConnection, createRefusals } from '../../../../services/ingest/refusals.ts'

const setUp = () => {
  const clock = createVirtualClock(0)
  const counters = createIngestCounters()
  const lines: Record<string, unknown>[] = []
  const logger = { warn: (fields: object) => void lines.push({ ...fields }) }
  return { clock, counters, lines, refusals: createRefusals({ counters, clock, logger }) }
}

test('all refusals are counted, a burst of them is logged and then one a second, which says how many were left out', () => {
  const { clock, counters, lines, refusals } = setUp()
  for (let time = 0; time < 1_000; time++) refusals.refuse('subscribe', 'ws-1', '#')
  expect([counters.refused.subscribe, lines.length]).toEqual([1_000, 20])
  expect(lines[0]).toEqual({ code: 'KENG_INGEST_REFUSED', reason: 'subscribe', device: 'ws-1', what: '#' })
  clock.advance(1_000)
  for (let time = 0; time < 5; time++) refusals.refuseLogin('nobody', '192.0.2.1')
  expect([counters.refused.login, lines.length]).toEqual([5, 21])
  expect(lines[20]).toMatchObject({ code: 'KENG_INGEST_LOGIN', address: '192.0.2.1', unlogged: 980 })
})

test('what a device sends is cut before it is logged', () => {
  const { lines, refusals } = setUp()
  refusals.refuse('publish', 'ws-1', 'x'.repeat(65_000))
  expect(lines).toMatchObject([{ what: 'x'.repeat(256) }])
})

test('a connection that ends is counted where the device is to blame, and not where the network is', () => {
  const { counters, lines, refusals } = setUp()
  const end = (more: object, client: object = {}) => {
    const error: BrokenConnection = Object.assign(new Error('ended'), more)
    const parser = { error: 'malformed' in more ? error : null }
    refusals.connectionEnded(asBrokerClient({ _parser: parser, _connectTimer: null, ...client } as never), error)
  }
  end({ code: 'ECONNRESET' })
  end({ code: 'ECONNRESET' }, { _connectTimer: {} })
  end({ errorCode: 4 }, { _connectTimer: null })
  expect([counters.refused.protocol, counters.refused.timeout]).toEqual([0, 0])
  end({ malformed: true })
  end({ info: { cmd: 'publish' } }, { _connectTimer: {} })
  end({ errorCode: 1 })
  expect([counters.refused.protocol, counters.refused.timeout]).toEqual([3, 0])
  end({}, { _connectTimer: {} })
  expect([counters.refused.protocol, counters.refused.timeout]).toEqual([3, 1])
  expect(lines.map(({ code }) => code)).toEqual(Array(3).fill('KENG_INGEST_PROTOCOL'))
})
