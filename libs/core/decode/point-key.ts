/** A question to the store: what is stored at this point? */

/** A stored point; `claimed` says that `ts` is the time claimed by a suspect clock, and asks for the value that arrived last with it. */
export interface PointKey {
  readonly series: number
  readonly ts: number
  readonly claimed?: boolean
}
