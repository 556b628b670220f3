/** Who may connect: a registered device with its token, a will of its own, and not too many sessions. */

import type { AuthenticateError, AuthenticateHandler, Client } from 'aedes'
import type { DeviceEntry } from '../../libs/core/device.ts'
import type { DeviceCredentials } from '../../libs/ports/registry.ts'
import { asBrokerClient, type BrokerClient } from './aedes-client.ts'
import type { PersistentSessions } from './persistent-sessions.ts'
import type { Refusals } from './refusals.ts'
import { publishRight } from './rights.ts'

export interface AuthenticateDeps {
  readonly credentials: DeviceCredentials
  readonly lookup: (device: string) => DeviceEntry | undefined
  readonly sessions: PersistentSessions
  readonly refusals: Refusals
  readonly onLogin: (client: BrokerClient, device: string) => void
}

/** Return codes of CONNACK [MQTT 3.2.2.3]. */
const IDENTIFIER_REJECTED = 2
const BAD_USER_NAME_OR_PASSWORD = 4
const NOT_AUTHORIZED = 5

export function createAuthenticate(deps: AuthenticateDeps): AuthenticateHandler {
  const { credentials, lookup, sessions, refusals, onLogin } = deps

  return (client, username, password, done) => {
    const { _will: will, conn } = client as Client & { _will?: { topic: string } }
    if (username === undefined || !credentials.verify(username, password?.toString('latin1') ?? '')) {
      refusals.refuseLogin(username, 'remoteAddress' in conn ? conn.remoteAddress : undefined)
      return done(refusedWith(BAD_USER_NAME_OR_PASSWORD, 'bad user name or password'), false)
    }
    if (will && publishRight(username, will.topic, lookup) === 'refused') {
      refusals.refuse('will', username, will.topic)
      return done(refusedWith(NOT_AUTHORIZED, 'no right to that will'), false)
    }
    if (!sessions.admit(username, client.id, client.clean)) {
      refusals.refuse('sessions', username, '')
      return done(refusedWith(IDENTIFIER_REJECTED, 'too many sessions of this device'), false)
    }
    onLogin(asBrokerClient(client), username)
    done(null, true)
  }
}

const refusedWith = (returnCode: number, message: string): AuthenticateError =>
  Object.assign(new Error(message), { returnCode })
