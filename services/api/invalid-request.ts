/** The 422 of a request that is understood but wrong, with the place of each fault. */

import { KengError } from '../../libs/core/errors.ts'

export interface Fault {
  /** JSON pointer into the request: `/body/0/latitude`, `/query/every`. */
  readonly path: string
  readonly message: string
}

export class InvalidRequest extends KengError {
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super('KENG_HTTP_INVALID', faults.map(({ path, message }) => `${path} ${message}`).join(', '))
    this.faults = faults
  }
}

export const invalid = (path: string, message: string): InvalidRequest => new InvalidRequest([{ path, message }])
