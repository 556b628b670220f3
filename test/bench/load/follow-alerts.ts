/** Follows the alerts of the live stream, as a page does. */

import { once } from 'node:events'
import http from 'node:http'

import type { Cleanup } from '../../support/cleanup.ts'
import type { KengServer } from '../servers/start-keng.ts'

export interface SeenAlert {
  readonly device: string
  readonly state: string
  /** Epoch milliseconds. */
  readonly openedAt: number
}

/** Resolves when the stream is open. */
export async function followAlerts(t: Cleanup, server: KengServer, onAlert: (alert: SeenAlert) => void): Promise<void> {
  const request = http.get(`${server.http}/api/v1/live?types=alert`, {
    headers: { authorization: `Bearer ${server.adminToken}`, accept: 'text/event-stream' },
  })
  t.onTestFinished(() => void request.destroy())
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`the live stream answered ${response.statusCode}`)
  response.socket.setNoDelay(true)
  response.on('error', () => {}) // the stream is cut at the end of the measurement
  let rest = ''
  response.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      if (!/^event: ?alert$/m.test(block)) continue
      const alert = JSON.parse(/^data: ?(.*)$/m.exec(block)?.[1] ?? '')
      onAlert({ device: alert.device, state: alert.state, openedAt: Date.parse(alert.openedAt) })
    }
  })
}
