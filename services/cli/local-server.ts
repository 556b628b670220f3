/** Finds the server that runs on this machine, and its token. */

import { join } from 'node:path'

import { KengError } from '../../libs/core/errors.ts'
import { type Config, loadConfig } from '../../libs/runtime/config.ts'
import { readAdminToken } from '../../libs/runtime/data-dir.ts'
import { readReadyFile } from '../../libs/runtime/ready-file.ts'
import { createServerClient, type ServerClient } from '../../libs/runtime/server-client.ts'
import type { ServerAddress } from '../../simulators/start-simulation.ts'
import { DEMO_DATA_DIR } from './demo.ts'

/** The settings as the server that is meant has them: where no folder is named, a demo that runs is meant too. */
export function loadClientConfig(): Config {
  const config = loadConfig()
  if (isServed(config.dataDir)) return config
  const demo = loadConfig(undefined, { dataDir: DEMO_DATA_DIR })
  return isServed(demo.dataDir) ? demo : config
}

/** Base address of the server on a data folder: the one it wrote down itself, else as the settings have it. */
export function serverAddress(config: Config): string {
  const ready = readReadyFile(config.dataDir)
  if (ready !== undefined) return ready.http
  return `${config.tlsCert === undefined ? 'http' : 'https'}://${config.host}:${config.httpPort}`
}

export function connectToServer(config: Config = loadClientConfig()): ServerClient {
  return createServerClient({ baseUrl: serverAddress(config), token: () => adminToken(config.dataDir) })
}

/** What simulated devices need to know of the server. */
export function findServer(): ServerAddress {
  const config = loadClientConfig()
  return {
    httpUrl: serverAddress(config),
    mqttUrl: readReadyFile(config.dataDir)?.mqtt ?? `mqtt://${config.mqttHost}:${config.mqttPort}`,
    adminToken: adminToken(config.dataDir),
    tokenFile: join(config.dataDir, 'simulated-devices.json'),
  }
}

function adminToken(folder: string): string {
  try {
    return readAdminToken(folder)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    throw new KengError(
      'KENG_CLIENT_LOGIN',
      `${folder}/admin.token cannot be read (${code}); start keng, or set KENG_DATA_DIR as the server has it`,
      { cause },
    )
  }
}

function isServed(folder: string): boolean {
  const ready = readReadyFile(folder)
  if (ready === undefined) return false
  try {
    return process.kill(ready.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
