import { expect, test } from 'vitest'
import { maySubscribe } from '../../../../services/ingest/rights.ts'
import { shortenFilters } from '../../../../services/ingest/shorten-filters.ts'

const shortened = (...topics: string[]): string[] => {
  const subscriptions = topics.map((topic) => ({ topic }))
  shortenFilters(subscriptions)
  return subscriptions.map(({ topic }) => topic)
}

test('filters of up to 100 levels stay as they are', () => {
  const topics = ['keng/v1/ws-1/rejected', 'x'.repeat(1_000), `a${'/a'.repeat(99)}`]
  expect(shortened(...topics)).toEqual(topics)
})

test('deeper ones become different filters that no device may read', () => {
  const deep = [`keng/v1/ws-1/rejected${'/a'.repeat(98)}`, '/'.repeat(65_000), '/'.repeat(65_000), '+/'.repeat(200)]
  const made = shortened(...deep)
  expect(new Set(made).size).toBe(deep.length)
  for (const topic of made) {
    expect(topic.split('/').length).toBeLessThanOrEqual(100)
    expect(maySubscribe('ws-1', topic, () => undefined)).toBe(false)
  }
})
