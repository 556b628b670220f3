/** A pipeline in a worker thread, called from another: questions and answers over a MessagePort. */

import type { MessagePort, Worker } from 'node:worker_threads'
import { type ErrorCode, isKengError, KengError } from '../../core/errors.ts'
import type { HostedPipeline, LiveReading, Pipeline, RefusedNotice } from '../../ports/pipeline.ts'

type Method = keyof Pipeline | 'stop'

interface Failure {
  readonly code: ErrorCode | null
  readonly message: string
}

type ToWorker =
  | { readonly type: 'call'; readonly id: number; readonly method: Method; readonly query: unknown }
  | { readonly type: 'live'; readonly wanted: boolean }

type FromWorker =
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'live'; readonly readings: readonly LiveReading[] }
  | { readonly type: 'refused'; readonly notices: readonly RefusedNotice[] }
  | { readonly type: 'fatal'; readonly failure: Failure }

type Channel = Pick<MessagePort | Worker, 'postMessage' | 'on'>

const toFailure = (error: unknown): Failure => ({
  code: isKengError(error) ? error.code : null,
  message: error instanceof Error ? error.message : String(error),
})

const toError = ({ code, message }: Failure): Error =>
  code === null ? new Error(message) : KengError.relayed(code, message)

/** Answers the other side from now on. */
export function servePipeline(pipeline: HostedPipeline, port: Channel): void {
  const send = (message: FromWorker) => port.postMessage(message)
  let stopLive: (() => void) | null = null
  const call = async (method: Method, query: unknown): Promise<unknown> => {
    if (method === 'stop') return pipeline.stop()
    if (method === 'state') return pipeline.state()
    return (pipeline[method] as (query: unknown) => Promise<unknown>)(query)
  }
  pipeline.onRefused((notices) => send({ type: 'refused', notices }))
  pipeline.onFatal((error) => send({ type: 'fatal', failure: toFailure(error) }))
  port.on('message', (message: ToWorker) => {
    if (message.type === 'live') {
      stopLive?.()
      stopLive = message.wanted ? pipeline.subscribe((readings) => send({ type: 'live', readings })) : null
      return
    }
    const { id, method, query } = message
    call(method, query).then(
      (value) => send({ type: 'answer', id, value }),
      (error: unknown) => send({ type: 'failure', id, failure: toFailure(error) }),
    )
  })
}

/** The calling side. `onLost` says why the thread cannot answer any more; open calls are rejected with it. */
export function createRemotePipeline(port: Channel): HostedPipeline & { onLost(error: Error): void } {
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const listeners = new Set<(readings: readonly LiveReading[]) => void>()
  let refused: (notices: readonly RefusedNotice[]) => void = () => {}
  let fatal: (error: Error) => void = () => {}
  let next = 0
  let lost: Error | null = null

  const post = (message: ToWorker) => port.postMessage(message)
  const call = <T>(method: Method, query?: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      if (lost !== null) return reject(lost)
      const id = next++
      open.set(id, { resolve: (value) => resolve(value as T), reject })
      post({ type: 'call', id, method, query })
    })
  const settle = (
    id: number,
    end: (call: { resolve: (value: unknown) => void; reject: (error: Error) => void }) => void,
  ) => {
    const waiting = open.get(id)
    open.delete(id)
    if (waiting !== undefined) end(waiting)
  }

  port.on('message', (message: FromWorker) => {
    switch (message.type) {
      case 'answer':
        return settle(message.id, ({ resolve }) => resolve(message.value))
      case 'failure':
        return settle(message.id, ({ reject }) => reject(toError(message.failure)))
      case 'live':
        for (const listener of listeners) listener(message.readings)
        return
      case 'refused':
        return refused(message.notices)
      case 'fatal':
        return fatal(toError(message.failure))
    }
  })

  return {
    readings: (query) => call('readings', query),
    latest: (query) => call('latest', query),
    ledger: (query) => call('ledger', query),
    rejections: (query) => call('rejections', query),
    state: () => call('state'),
    stop: () => call('stop'),
    subscribe(listener) {
      listeners.add(listener)
      if (listeners.size === 1) post({ type: 'live', wanted: true })
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) post({ type: 'live', wanted: false })
      }
    },
    onRefused(listener) {
      refused = listener
    },
    onFatal(listener) {
      fatal = listener
    },
    onLost(error) {
      lost = error
      for (const { reject } of open.values()) reject(error)
      open.clear()
    },
  }
}
