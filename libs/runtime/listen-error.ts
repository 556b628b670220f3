/** Says which setting to change when an address cannot be listened on. */

import { KengError } from '../core/errors.ts'
import type { Config } from './config.ts'
import { variableOf } from './read-settings.ts'

export interface ListenPlace {
  readonly host: string
  readonly port: number
  readonly hostKey: keyof Config
  readonly portKey: keyof Config
}

/** KENG_CONFIG_PORT_IN_USE, KENG_CONFIG_INVALID, or the error as it came where no setting is to blame. */
export function listenError(error: NodeJS.ErrnoException, { host, port, hostKey, portKey }: ListenPlace): Error {
  const options = { cause: error }
  switch (error.code) {
    case 'EADDRINUSE':
      return new KengError('KENG_CONFIG_PORT_IN_USE', `${host}:${port} (${variableOf(portKey)})`, options)
    case 'EACCES':
      return new KengError(
        'KENG_CONFIG_INVALID',
        `${variableOf(portKey)}=${port}, allowed: a port that this user may open`,
        options,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new KengError(
        'KENG_CONFIG_INVALID',
        `${variableOf(hostKey)}=${host}, allowed: an address of this machine`,
        options,
      )
    default:
      return error
  }
}
