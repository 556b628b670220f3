/** Runs a load over connections that are open: a closed loop held at the window, or an open loop held to a schedule. */

import type { LoadClient } from './load-client.ts'
import type { ClosedLoop, OpenLoop } from './load-options.ts'

/** How a loop hears of acknowledgements; `run-load` sets it, the connections call it. */
export interface LoadListener {
  acknowledged(client: LoadClient, count: number): void
  cut(client: LoadClient): void
}

export interface LoadCounts {
  readonly acknowledged: number
  readonly unsent: number
  /** Milliseconds from the first message to the last acknowledgement. */
  readonly elapsedMs: number
}

const inFlight = (clients: readonly LoadClient[]) =>
  clients.reduce((sum, client) => sum + (client.isCut ? 0 : client.inFlight), 0)

/** Resolves when everything that was sent is acknowledged, or `drainMs` after the last was sent. */
export function runLoad(
  clients: readonly LoadClient[],
  loop: ClosedLoop | OpenLoop,
  listener: LoadListener,
  drainMs: number,
): Promise<LoadCounts> {
  return new Promise((resolve) => {
    const start = performance.now()
    let acknowledged = 0
    let lastAcknowledgement = start
    let isSending = true
    let drainLimit: NodeJS.Timeout | undefined

    const finish = () => {
      clearTimeout(drainLimit)
      isSending = false
      resolve({ acknowledged, unsent: unsent(), elapsedMs: lastAcknowledgement - start })
    }
    const finishIfDrained = () => {
      if (!isSending && inFlight(clients) === 0) finish()
    }
    const stopSending = () => {
      if (!isSending) return
      isSending = false
      drainLimit = setTimeout(finish, drainMs)
      finishIfDrained()
    }
    const { onAcknowledged, unsent } =
      loop.kind === 'closed' ? closedLoop(clients, loop, stopSending) : openLoop(clients, loop, start, stopSending)

    listener.acknowledged = (client, count) => {
      acknowledged += count
      lastAcknowledgement = performance.now()
      if (isSending) onAcknowledged(client)
      else finishIfDrained()
    }
    listener.cut = finishIfDrained
  })
}

interface Loop {
  onAcknowledged(client: LoadClient): void
  unsent(): number
}

function closedLoop(clients: readonly LoadClient[], { seconds, total = Infinity }: ClosedLoop, stop: () => void): Loop {
  let left = total
  const fill = (client: LoadClient) => {
    const count = Math.min(client.free(), left)
    const now = performance.now()
    left -= count
    client.send(count, () => now)
    if (left === 0) stop()
  }
  if (seconds !== undefined) setTimeout(stop, seconds * 1000)
  for (const client of clients) fill(client)
  return { onAcknowledged: fill, unsent: () => 0 }
}

/** Message number k belongs to connection k mod n and is due k/rate after the start, whether or not the server keeps up. */
function openLoop(
  clients: readonly LoadClient[],
  { messagesPerSecond, seconds }: OpenLoop,
  start: number,
  stop: () => void,
): Loop {
  const intervalMs = 1000 / messagesPerSecond
  const total = Math.floor(messagesPerSecond * seconds)
  const lanes = clients.map((client, at) => ({ client, at, due: 0 }))
  const laneOf = new Map(lanes.map((lane) => [lane.client, lane]))
  let next = 0

  const sendDue = ({ client, at, due }: (typeof lanes)[number]) => {
    const before = client.sent
    const count = Math.min(due - before, client.free())
    if (count > 0) client.send(count, (nth) => start + ((before + nth) * lanes.length + at) * intervalMs)
  }
  const tick = () => {
    const now = performance.now()
    const first = next
    for (; next < total && start + next * intervalMs <= now; next++) {
      const lane = lanes[next % lanes.length]
      if (lane !== undefined) lane.due++
    }
    for (let at = first; at < Math.min(next, first + lanes.length); at++) {
      const lane = lanes[at % lanes.length]
      if (lane !== undefined) sendDue(lane)
    }
    if (next < total) setTimeout(tick, 1)
    else stop()
  }
  tick()
  return {
    onAcknowledged(client) {
      const lane = laneOf.get(client)
      if (lane !== undefined) sendDue(lane)
    },
    unsent: () => lanes.reduce((sum, { client, due }) => sum + due - client.sent, 0),
  }
}
