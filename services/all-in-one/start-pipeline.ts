/** Starts the pipeline in a worker thread, so that decoding never holds up a socket. */

import { Worker } from 'node:worker_threads'
import { type RemoteLogData, shareEventLog } from '../../libs/adapters/segment/remote-event-log.ts'
import type { SegmentEventLog } from '../../libs/adapters/segment/segment-event-log.ts'
import { createRemotePipeline } from '../../libs/adapters/worker/remote-pipeline.ts'
import type { HostedPipeline } from '../../libs/ports/pipeline.ts'
import type { PipelineWorkerData } from './pipeline-worker-data.ts'

export interface PipelineThread extends HostedPipeline {
  /** Resolves when the thread has ended. Call after `stop`. */
  terminate(): Promise<void>
}

// The compiled program loads compiled files; under tsx both are TypeScript.
const ENTRY = import.meta.url.endsWith('.ts') ? './pipeline-worker.ts' : './pipeline-worker.js'

/**
 * Decoding makes many objects that live for one batch: in a young generation this large they die there and are never
 * copied, which saves a fifth of the CPU a message. It grows only while there is load.
 */
const HEAP = { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 512 }

/** `onLost` is told when the thread ends without being asked to: nothing is decoded any more. */
export function startPipeline(
  log: SegmentEventLog,
  data: Omit<PipelineWorkerData, 'log'>,
  onLost: (error: Error) => void,
): PipelineThread {
  const { remote, transferList } = shareEventLog(log)
  const workerData: PipelineWorkerData & { log: RemoteLogData } = { ...data, log: remote }
  const worker = new Worker(new URL(ENTRY, import.meta.url), {
    workerData,
    transferList,
    name: 'pipeline',
    resourceLimits: HEAP,
  })
  const pipeline = createRemotePipeline(worker)
  let ending = false
  const lose = (error: Error) => {
    pipeline.onLost(error)
    if (!ending) onLost(error)
  }
  worker.on('error', lose)
  worker.on('exit', (status) => lose(new Error(`the pipeline's thread ended with status ${status}`)))
  return {
    ...pipeline,
    async terminate() {
      ending = true
      await worker.terminate()
    },
  }
}
