/** What the load generator is told, as a JSON file, and what it answers, as JSON lines. */

export interface LoadDevice {
  readonly id: string
  /** Absent where the broker asks for no login. */
  readonly token?: string
}

/** Messages in flight are held at the window: how fast can it go? One of the two ends it. */
export interface ClosedLoop {
  readonly kind: 'closed'
  readonly seconds?: number
  readonly total?: number
}

/** Messages are due by a schedule, whatever the server does; latency counts from the time a message was due. */
export interface OpenLoop {
  readonly kind: 'open'
  readonly messagesPerSecond: number
  readonly seconds: number
}

export interface LoadOptions {
  readonly host: string
  readonly port: number
  /** One connection each. */
  readonly devices: readonly LoadDevice[]
  readonly qos: 1 | 2 | 'mixed'
  /** Messages a connection has in flight at most. */
  readonly window: number
  readonly loop: ClosedLoop | OpenLoop
  /** Marks this run's sequence numbers as a new life of the devices. */
  readonly boot: string
  readonly keepAliveSeconds: number
  /** How fast connections are opened. */
  readonly connectsPerSecond: number
  /** How long to wait at the end for what is not acknowledged yet. */
  readonly drainSeconds: number
}

/** First line: all are connected, and the load begins when a line comes on standard input. */
export interface LoadReady {
  readonly connected: number
}

export interface UnfinishedDevice {
  readonly device: string
  readonly sent: number
  readonly acknowledged: number
}

/** Last line. Times are milliseconds; latency is from sending (closed loop) or due time (open loop) to PUBACK or PUBCOMP. */
export interface LoadResult {
  readonly sent: number
  readonly acknowledged: number
  /** Due by the schedule and never sent, because windows were full. */
  readonly unsent: number
  /** Connections that the server cut. */
  readonly cut: number
  /** Devices with messages that were sent and never acknowledged: these may be stored or not. */
  readonly unfinished: readonly UnfinishedDevice[]
  /** From the first message to the last acknowledgement. */
  readonly seconds: number
  readonly messagesPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  /** CPU that the generator itself took, of one core. */
  readonly generatorCores: number
}
