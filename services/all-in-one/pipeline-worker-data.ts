/** What the pipeline's worker thread is started with. */

import type { RemoteLogData } from '../../libs/adapters/segment/remote-event-log.ts'
import type { AlertRule } from '../../libs/core/alarm/rule.ts'
import type { DeviceEntry } from '../../libs/core/device.ts'

export interface PipelineWorkerData {
  readonly log: RemoteLogData
  readonly databaseFile: string
  /** What DuckDB may use, for example `96MB`. */
  readonly memoryLimit: string
  /** Days that readings are kept; 0 for ever. */
  readonly retentionDays: number
  readonly devices: readonly DeviceEntry[]
  readonly rules: readonly AlertRule[]
}
