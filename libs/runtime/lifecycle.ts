/** Starts the parts of a process in order, stops them in reverse, and ends the process the way its supervisor expects. */

import { isKengError } from '../core/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from './logger.ts'

export interface Part {
  readonly name: string
  start(): Promise<void>
  /** Drains; may be called twice. */
  stop(): Promise<void>
}

/** What of the process the lifecycle touches; `process` itself fits. */
export interface ProcessEnds {
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (reason: unknown) => void): unknown
  exit(status: number): void
}

export interface LifecycleOptions {
  readonly logger: Logger
  readonly clock: Clock
  /** Milliseconds that stopping may take before it is given up; under the 10 s that supervisors commonly wait. */
  readonly drainLimitMs?: number
}

export interface Lifecycle {
  /** Starts the parts one after the other. When one fails, those before it are stopped and its error is thrown. */
  start(parts: readonly Part[]): Promise<void>
  /** Stops in reverse; a part that fails to stop does not keep the others. False when not all was drained in time. */
  stop(): Promise<boolean>
}

const DRAIN_LIMIT_MS = 9_000

export function createLifecycle({ logger, clock, drainLimitMs = DRAIN_LIMIT_MS }: LifecycleOptions): Lifecycle {
  const started: Part[] = []
  let stopping: Promise<boolean> | undefined

  const stopParts = async (): Promise<boolean> => {
    let clean = true
    for (let part = started.pop(); part !== undefined; part = started.pop()) {
      try {
        await part.stop()
      } catch (error) {
        clean = false
        logger.error({ part: part.name, error }, 'a part failed to stop')
      }
    }
    return clean
  }

  const stop = (): Promise<boolean> => {
    stopping ??= new Promise<boolean>((resolve) => {
      const cancel = clock.after(drainLimitMs, () => {
        logger.error({ limitMs: drainLimitMs, waitingFor: started.map((part) => part.name) }, 'stopping took too long')
        resolve(false)
      })
      void stopParts().then((clean) => {
        cancel()
        resolve(clean)
      })
    })
    return stopping
  }

  return {
    async start(parts) {
      for (const part of parts) {
        if (stopping !== undefined) return
        started.push(part)
        try {
          await part.start()
        } catch (error) {
          started.pop()
          await stop()
          throw error
        }
      }
    },
    stop,
  }
}

/**
 * SIGTERM or SIGINT stops and exits 0, or 1 when not all was drained; a second signal exits at once with 1.
 * An error that nobody caught ends the process: its state is unknown, and what was not acknowledged is sent again.
 */
export function exitOnSignals(
  stop: () => Promise<boolean>,
  ends: ProcessEnds,
  printLine: (line: string) => void,
): void {
  let signals = 0
  const onSignal = () => {
    signals += 1
    if (signals > 1) return ends.exit(1)
    void stop().then(
      (clean) => ends.exit(clean ? 0 : 1),
      (error: unknown) => fatal(error, ends, printLine),
    )
  }
  ends.on('SIGTERM', onSignal)
  ends.on('SIGINT', onSignal)
  ends.on('uncaughtException', (error) => fatal(error, ends, printLine))
  ends.on('unhandledRejection', (error) => fatal(error, ends, printLine))
}

/** Prints one line that says what to do, and exits 1 without draining: for errors after which going on would lie. */
export function fatal(error: unknown, ends: Pick<ProcessEnds, 'exit'>, printLine: (line: string) => void): void {
  printLine(errorLine(error))
  ends.exit(1)
}

/** An error in one line; of foreign errors the place too, since their text alone seldom tells. */
export function errorLine(error: unknown): string {
  if (isKengError(error)) return `keng: ${error.code}: ${oneLine(error.message)}`
  if (!(error instanceof Error)) return `keng: ${oneLine(String(error))}`
  const place = error.stack?.split('\n').find((line) => line.startsWith('    at '))
  return `keng: ${oneLine(error.message)}${place === undefined ? '' : ` (${place.trim()})`}`
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ')
