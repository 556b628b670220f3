/** `keng devices list | rotate | revoke`: the registry from the command line. */

import { connectToServer } from '../local-server.ts'
import { type Terminal, table } from '../terminal.ts'

interface Output {
  readonly json?: true
}

interface DeviceAnswer {
  readonly id: string
  readonly name?: string
  readonly cell: string
  readonly health: { readonly state: string; readonly lastReceivedAt: string | null }
}

export async function listDevices({ json }: Output, terminal: Terminal): Promise<void> {
  const items: DeviceAnswer[] = []
  for await (const item of connectToServer().list('/api/v1/devices')) items.push(item as DeviceAnswer)
  if (json) return terminal.out(JSON.stringify({ items }))
  const rows = items.map(({ id, name = '', cell, health }) => [
    id,
    name,
    cell,
    health.state,
    health.lastReceivedAt ?? 'never',
  ])
  terminal.out(table([['id', 'name', 'cell', 'state', 'last received'], ...rows]))
}

export async function rotateDevice(id: string, { json }: Output, terminal: Terminal): Promise<void> {
  const issued = (await connectToServer().post(`${devicePath(id)}/token`)) as { id: string; token: string }
  terminal.out(json ? JSON.stringify(issued) : issued.token)
  terminal.note(`the old token of ${id} is refused from now on; this one is shown once`)
}

export async function revokeDevice(id: string, { json }: Output, terminal: Terminal): Promise<void> {
  // A new token that nobody learns.
  await connectToServer().post(`${devicePath(id)}/token`)
  terminal.out(json ? JSON.stringify({ id }) : `${id} can no longer log in; its readings stay`)
}

const devicePath = (id: string): string => `/api/v1/devices/${encodeURIComponent(id)}`
