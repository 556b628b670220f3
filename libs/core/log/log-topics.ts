/** The log's topics: the one table (contract.md, section 6) that adapters, Kafka's set-up and the docs are checked against. */

export type LogTopic =
  | 'keng.raw.v1'
  | 'keng.readings.v1'
  | 'keng.events.v1'
  | 'keng.alerts.v1'
  | 'keng.registry.v1'
  | 'keng.rule-state.v1'
  | 'keng.rejections.v1'
  | 'keng.notifications.v1'
  | 'keng.audit.v1'

export interface LogTopicSpec {
  /** What decides the partition; order holds within one key. */
  readonly partitionedBy: 'cell' | 'entity' | 'one'
  /** `delete` unlinks by age; `compact` keeps the newest record of each key. */
  readonly cleanup: 'delete' | 'compact'
  /** Age in days after which `delete` may unlink; absent for compacted topics. */
  readonly retentionDays?: number
  /** Whether the embedded log writes it (decode is run once there, so readings are not written a second time). */
  readonly embedded: boolean
}

const DAYS_PER_YEAR = 365

export const LOG_TOPICS: Readonly<Record<LogTopic, LogTopicSpec>> = {
  'keng.raw.v1': { partitionedBy: 'cell', cleanup: 'delete', retentionDays: 30, embedded: true },
  'keng.readings.v1': { partitionedBy: 'cell', cleanup: 'delete', retentionDays: 30, embedded: false },
  'keng.events.v1': { partitionedBy: 'cell', cleanup: 'delete', retentionDays: DAYS_PER_YEAR, embedded: true },
  'keng.alerts.v1': { partitionedBy: 'cell', cleanup: 'delete', retentionDays: 5 * DAYS_PER_YEAR, embedded: true },
  'keng.registry.v1': { partitionedBy: 'entity', cleanup: 'compact', embedded: true },
  'keng.rule-state.v1': { partitionedBy: 'cell', cleanup: 'compact', embedded: true },
  'keng.rejections.v1': { partitionedBy: 'cell', cleanup: 'delete', retentionDays: 90, embedded: true },
  'keng.notifications.v1': { partitionedBy: 'cell', cleanup: 'delete', retentionDays: DAYS_PER_YEAR, embedded: true },
  'keng.audit.v1': { partitionedBy: 'one', cleanup: 'delete', retentionDays: 5 * DAYS_PER_YEAR, embedded: true },
}
