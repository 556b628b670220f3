/** Devices and their tokens, in memory of whoever asks, durable in `keng.registry.v1`. */

import type { DeviceEntry } from '../core/device.ts'

export interface IssuedToken {
  readonly id: string
  /** Shown once; only its HMAC-SHA-256 is kept. */
  readonly token: string
}

/** Errors: KENG_REGISTRY_EXISTS, KENG_REGISTRY_UNKNOWN and the log's own. A promise resolves only when the change is durable. */
export interface Registry {
  /** Registers all or none; resolves with a new token each, in order. `tokens` gives some devices a token of the caller's choice. */
  create(devices: readonly DeviceEntry[], tokens?: ReadonlyMap<string, string>): Promise<readonly IssuedToken[]>
  update(id: string, change: Partial<Omit<DeviceEntry, 'id'>>): Promise<DeviceEntry>
  remove(id: string): Promise<void>
  /** Gives a device a new token; the old one is refused from then on. */
  rotate(id: string): Promise<IssuedToken>
  /** Answers from memory at once. */
  get(id: string): DeviceEntry | undefined
  /** All devices sorted by id. */
  list(): readonly DeviceEntry[]
}

export interface DeviceCredentials {
  /** Whether the token is the device's. Constant time for a known device. */
  verify(id: string, token: string): boolean
}
