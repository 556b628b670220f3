/** A server under measurement, whichever it is. */

import type { LoadDevice } from '../load/load-options.ts'

export interface BenchServer {
  readonly name: 'bare' | 'keng'
  readonly pid: number
  readonly port: number
  /** Devices that may publish; each call gives new ones. */
  devices(count: number): Promise<LoadDevice[]>
  /** Resolves when nothing that was acknowledged is still on its way; what became of all messages so far. */
  settled(): Promise<{ readonly stored: number; readonly otherwise: number }>
  /** How many messages of one device are stored. */
  storedOf(device: string): Promise<number>
  stop(): Promise<void>
}
