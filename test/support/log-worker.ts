/** A worker thread that follows the raw log and answers each record with an event, as the pipeline does. */

import { parentPort, workerData } from 'node:worker_threads'
import type { RemoteLogData } from '../../libs/adapters/segment/remote-event-log.ts'
import { createRemoteEventLog } from '../../libs/adapters/segment/remote-event-log.ts'
import { isKengError } from '../../libs/core/errors.ts'
import type { NewRecord } from '../../libs/ports/event-log.ts'

/** What the worker tells the test. */
export type WorkerNews =
  | { readonly news: 'followed'; readonly records: number; readonly inOrder: boolean; readonly acknowledged: number }
  | { readonly news: 'pong' }
  | { readonly news: 'failed'; readonly code: string }
  | { readonly news: 'closed' }

const port = parentPort
if (port === null) throw new Error('log-worker runs as a worker thread only')
const tell = (news: WorkerNews): void => port.postMessage(news)

const { log: remote, from } = workerData as { log: RemoteLogData; from: number }
const log = createRemoteEventLog(remote)
let next = from
let records = 0
let acknowledged = 0
let inOrder = true

const subscription = await log.subscribe(
  'keng.raw.v1',
  { group: 'worker', from: () => from },
  async (batch) => {
    const answers: NewRecord[] = []
    for (const one of batch.records) {
      inOrder &&= one.offset === next++
      answers.push({ key: one.key, time: one.time, value: one.value })
    }
    records += answers.length
    await new Promise<void>((resolve, reject) => {
      log.append('keng.events.v1', answers, (error) => (error === null ? resolve() : reject(error)))
    })
    acknowledged += answers.length
    subscription.commit(0, next)
    tell({ news: 'followed', records, inOrder, acknowledged })
  },
  (error) => tell({ news: 'failed', code: isKengError(error) ? error.code : error.message }),
)

port.on('message', (message: 'ping' | 'close' | 'append too much') => {
  if (message === 'ping') tell({ news: 'pong' })
  if (message === 'append too much') {
    log.append('keng.readings.v1', [{ key: '', time: 0, value: null }], (error) =>
      tell({ news: 'failed', code: isKengError(error) ? error.code : 'none' }),
    )
  }
  if (message === 'close') {
    void subscription
      .close()
      .then(() => log.close())
      .then(() => {
        tell({ news: 'closed' })
        port.close()
      })
  }
})
