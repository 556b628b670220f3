/**
 * `npm run broker:open -- PORT`: the same broker with open rights and fan-out and no pipeline behind it, so that public
 * MQTT 3.1.1 conformance suites can be pointed at it. Loopback only; never run it for devices.
 */

import net from 'node:net'
import { pathToFileURL } from 'node:url'
import { createMqttBroker } from './mqtt-broker.ts'

export interface OpenBroker {
  readonly port: number
  close(): Promise<void>
}

export async function startOpenBroker(port: number): Promise<OpenBroker> {
  const { aedes, handle } = await createMqttBroker({
    aedes: {
      connectTimeout: 10_000,
      drainTimeout: 10_000,
      // Eclipse Paho's suite wants one filter that the server refuses; its versions name it differently.
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, /^(test\/)?nosubscribe$/.test(subscription.topic) ? null : subscription),
    },
    limits: { onTooLarge: () => 'cut', onSkipped: () => {} },
  })
  const server = net.createServer({ noDelay: true }, handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      server.close()
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
    },
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const port = Number(process.argv[2] ?? 1883)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write(`port ${process.argv[2]} is not between 0 and 65535: npm run broker:open -- PORT\n`)
    process.exit(2)
  }
  const broker = await startOpenBroker(port)
  process.stdout.write(
    `open broker on mqtt://127.0.0.1:${broker.port}: no login, no log, for conformance suites only\n`,
  )
}
