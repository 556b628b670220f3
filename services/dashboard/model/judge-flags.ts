/** Which flags change what the page does with a reading. */

import type { FlagName } from '../../../libs/core/reading.ts'
import { FLAG, QUIET_FLAGS, UNTRUSTED_FLAGS } from '../../../libs/core/reading.ts'

const anyOf = (flags: readonly FlagName[], mask: number): boolean => flags.some((flag) => (FLAG[flag] & mask) !== 0)

/** History or not to be believed: it does not become the channel's latest value (contract.md, section 2). */
export const isQuiet = (flags: readonly FlagName[]): boolean => anyOf(flags, QUIET_FLAGS)

/** Not a measurement of the water: shown beside the curve, never on it. */
export const isUnusable = (flags: readonly FlagName[]): boolean => anyOf(flags, UNTRUSTED_FLAGS | FLAG.calibrating)

/** Whether a value that is shown makes its station one to look at. What is revised or of an unknown channel is not in doubt. */
export const isTroubling = (flags: readonly FlagName[]): boolean => anyOf(flags, QUIET_FLAGS | FLAG.spike | FLAG.stuck)

/** Flags worth a word beside a value; `simulated` is said once, for the station. */
export const doubtsOf = (flags: readonly FlagName[]): readonly FlagName[] =>
  flags.filter((flag) => flag !== 'simulated')
