/** The bytes of an event in the log. */

import { flagNames } from '../reading.ts'
import type { DeviceEvent } from './decoded.ts'

/** The value of a record of `keng.events.v1`: JSON, with flags by their names. */
export const encodeEvent = ({ flags, ...event }: DeviceEvent): Buffer =>
  Buffer.from(JSON.stringify({ ...event, flags: flagNames(flags) }))
