/** Time through a port, so that replays, back-tests and tests decide it. */
export interface Clock {
  /** Wall clock, epoch milliseconds; may be set forwards and back by people and NTP. */
  now(): number
  /** Milliseconds that only go forwards, from an arbitrary start. */
  monotonic(): number
  /** Calls back once after so many milliseconds; the result cancels it. */
  after(milliseconds: number, callback: () => void): () => void
}
