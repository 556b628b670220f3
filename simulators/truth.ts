/** What really happened, as the simulator knows it: the other side of every comparison with what was stored. */

import type { Values } from './timeline.ts'

interface Happened {
  readonly device: string
  /** True simulated time, epoch milliseconds. */
  readonly at: number
}

interface MessageHappened extends Happened {
  readonly boot: string
  readonly seq: number
}

/** One line of the file written by `--truth` (docs/simulate.md). */
export type TruthEvent =
  /** A message exists and is on its way. `ts` is the device's own clock. */
  | (MessageHappened & {
      readonly type: 'produced'
      readonly ts: number
      readonly values: Values
      readonly faults: readonly string[]
    })
  /** The device sends a message once more of its own accord (fault `duplicate`). */
  | (MessageHappened & { readonly type: 'repeated' })
  /** The broker acknowledged it (PUBACK); once for each time it was sent, resends after a cut not counted. */
  | (MessageHappened & { readonly type: 'acknowledged' })
  /** The device's own memory overflowed before the broker saw it: it cannot be stored. */
  | (MessageHappened & { readonly type: 'lost'; readonly ts: number })
  | (Happened & { readonly type: 'connected' | 'disconnected' })
