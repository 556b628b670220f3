/** The full rate of a server, where a scenario needs it to know what a tenth or five times of it is. */

import { connectLoad } from '../load/start-load.ts'
import { type LoadFigures, measureLoad } from '../measure/measure-load.ts'
import type { KengServer } from '../servers/start-keng.ts'
import type { Bench } from './scenario.ts'

export async function measureFullRate(
  { t, options, say }: Bench,
  server: KengServer,
  seconds: number,
): Promise<LoadFigures> {
  const load = async () =>
    measureLoad(
      server,
      await connectLoad(t, server, {
        devices: await server.devices(options.clients),
        window: options.window,
        loop: { kind: 'closed', seconds },
      }),
    )
  await load() // warms up
  const figures = await load()
  say(`full rate: ${figures.messagesPerSecond} acknowledged/s, ${figures.storedPerSecond} stored/s`)
  return figures
}
