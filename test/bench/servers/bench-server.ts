/** A server under measurement, whichever it is. */

import type { LoadDevice } from '../load/load-options.ts'

export interface StoredCounts {
  readonly stored: number
  /** Partial, duplicate or rejected. */
  readonly otherwise: number
  readonly inFlight: number
}

export interface BenchServer {
  readonly name: 'bare' | 'keng'
  readonly pid: number
  readonly port: number
  /** Devices that may publish; each call gives new ones. */
  devices(count: number): Promise<LoadDevice[]>
  /** What became of all messages so far. */
  counts(): Promise<StoredCounts>
  /** How many messages of one device are stored. */
  storedOf(device: string): Promise<number>
  stop(): Promise<void>
}
