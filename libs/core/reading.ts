/** A reading: one value of one channel of one device at one time, with what is known against it. */

/** Bits of `Reading.flags`; the names are the contract's (section 2). The bit positions are stored: append only. */
export const FLAG = {
  late: 1,
  'out-of-order': 2,
  'clock-suspect': 4,
  calibrating: 8,
  fault: 16,
  'out-of-range': 32,
  spike: 64,
  stuck: 128,
  revised: 256,
  'unknown-channel': 512,
  simulated: 1024,
} as const

export type FlagName = keyof typeof FLAG

const FLAG_NAMES = Object.keys(FLAG) as readonly FlagName[]

/** Names of the bits set, in the order of the table. */
export const flagNames = (flags: number): FlagName[] => FLAG_NAMES.filter((name) => (flags & FLAG[name]) !== 0)

/** A reading with any of these opens no alert (contract.md, section 2); a late one may still be a channel's latest, if nothing is newer. */
export const QUIET_FLAGS =
  FLAG.late | FLAG['out-of-order'] | FLAG['clock-suspect'] | FLAG.calibrating | FLAG.fault | FLAG['out-of-range']

/** Left out of mean, min, max and last unless `flagged=include` (contract.md, section 3). */
export const UNTRUSTED_FLAGS = FLAG['out-of-range'] | FLAG['clock-suspect'] | FLAG.fault

export interface Reading {
  readonly device: string
  readonly channel: string
  /** Number of the (device, channel) pair, given by decode in order of first appearance. */
  readonly series: number
  /** Event time, epoch milliseconds: whole ones, or a half more where it was given by arrival because the clock was suspect. */
  readonly ts: number
  /** Booleans are 0 and 1. Always finite. */
  readonly value: number
  /** Wall-clock arrival, epoch milliseconds. */
  readonly receivedAt: number
  /** Bits of FLAG. */
  readonly flags: number
  /** The time the device claimed, where the clock was suspect and `ts` is the arrival. */
  readonly claimedTs?: number
}
