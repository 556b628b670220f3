/** Bare Aedes, a process of its own: the base of every ratio. Acknowledges at once and keeps nothing. Prints its port. */

import net, { type AddressInfo } from 'node:net'
import { Aedes } from 'aedes'

const broker = await Aedes.createBroker({ concurrency: 1_000 })
broker.authorizePublish = (_client, _packet, done) => done(null)
const server = net.createServer({ noDelay: true }, broker.handle)
server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`)
})
process.once('SIGTERM', () => process.exit(0))
