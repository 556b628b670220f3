/** Cuts a backlog into packets that the broker takes. */

import { type SimulatedMessage, wireForm } from '../timeline.ts'

/** contract.md, section 1: an array holds up to 1,000 messages, a packet up to 256 KiB; a margin is left for topic and header. */
export const MOST_ITEMS = 1000
const MOST_BYTES = 240 * 1024

/** Arrays in order, each within both limits. A message too large for any packet comes alone. */
export function packBackfill(messages: readonly SimulatedMessage[], mostItems = MOST_ITEMS): SimulatedMessage[][] {
  const packets: SimulatedMessage[][] = []
  let packet: SimulatedMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = Buffer.byteLength(JSON.stringify(wireForm(message))) + 1
    if (packet.length > 0 && (packet.length >= mostItems || bytes + size > MOST_BYTES)) {
      packets.push(packet)
      packet = []
      bytes = 0
    }
    packet.push(message)
    bytes += size
  }
  if (packet.length > 0) packets.push(packet)
  return packets
}
