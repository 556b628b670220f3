/** The worker thread of the pipeline: runs it, begins anew after an error, answers the main thread. */

import { parentPort, workerData } from 'node:worker_threads'
import { createDuckdbReadingStore } from '../../libs/adapters/duckdb/duckdb-reading-store.ts'
import { createRemoteEventLog } from '../../libs/adapters/segment/remote-event-log.ts'
import { servePipeline } from '../../libs/adapters/worker/remote-pipeline.ts'
import { createSystemClock } from '../../libs/runtime/system-clock.ts'
import type { PipelineWorkerData } from './pipeline-worker-data.ts'
import { supervisePipeline } from './supervise-pipeline.ts'

const given = workerData as PipelineWorkerData
const port = parentPort
if (port === null) throw new Error('pipeline-worker runs as a worker thread only')

const clock = createSystemClock()
const log = createRemoteEventLog(given.log)
const pipeline = await supervisePipeline({
  log,
  clock,
  openStore: () =>
    createDuckdbReadingStore({
      file: given.databaseFile,
      memoryLimit: given.memoryLimit,
      retentionDays: given.retentionDays,
    }),
  devices: given.devices,
  rules: given.rules,
})
servePipeline(pipeline, port)
