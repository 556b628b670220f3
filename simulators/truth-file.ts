/** Writes what really happened as JSON lines (docs/simulate.md). */

import { closeSync, openSync, writeSync } from 'node:fs'
import { KengError } from '../libs/core/errors.ts'
import type { Clock } from '../libs/ports/clock.ts'
import type { TruthEvent } from './truth.ts'

/** First line of the file. */
export interface TruthHeader {
  readonly type: 'begin'
  readonly version: 1
  readonly scenario: string
  readonly seed: number
  readonly speed: number
  readonly faults: readonly string[]
  /** Simulated epoch milliseconds. */
  readonly at: number
}

export interface TruthFile {
  write(event: TruthEvent | TruthHeader): void
  /** Writes what is still in memory. May be called twice. */
  close(): void
}

const MOST_BUFFERED = 64 * 1024
const LONGEST_BUFFERED_MS = 500

/**
 * Replaces the file; lines reach it at most half a second after the event. Throws KENG_SIMULATE_TRUTH where it cannot be
 * opened. `onFailed` is told once when it can no longer be written: from then on it is incomplete and left alone.
 */
export function openTruthFile(clock: Clock, path: string, onFailed: (error: KengError) => void): TruthFile {
  let lines: string[] = []
  let buffered = 0
  let cancelFlush: (() => void) | null = null
  let file: number | null
  try {
    file = openSync(path, 'w')
  } catch (cause) {
    throw new KengError('KENG_SIMULATE_TRUTH', path, { cause })
  }

  const flush = (): void => {
    cancelFlush?.()
    cancelFlush = null
    if (file === null || lines.length === 0) return
    const text = lines.join('')
    lines = []
    buffered = 0
    try {
      writeSync(file, text)
    } catch (cause) {
      closeSync(file)
      file = null
      onFailed(new KengError('KENG_SIMULATE_TRUTH', path, { cause }))
    }
  }

  return {
    write(event) {
      if (file === null) return
      const line = `${JSON.stringify(event)}\n`
      lines.push(line)
      buffered += line.length
      if (buffered >= MOST_BUFFERED) flush()
      else cancelFlush ??= clock.after(LONGEST_BUFFERED_MS, flush)
    },
    close() {
      flush()
      if (file !== null) closeSync(file)
      file = null
    },
  }
}
