/** MQTT over WebSocket at `/mqtt` of the HTTP port, for pages and for networks that let nothing else through. */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'

import { PACKET_LIMIT_BYTES } from './packet-limit.ts'

/** What ingest says of a connection that it was handed. */
export interface AcceptedConnection {
  /** Whether it has logged in. */
  readonly connected: boolean
}

export interface MqttWebSocket {
  /** For the `upgrade` event of an HTTP server. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Cuts the connections; what was not acknowledged is sent again. May be called twice. */
  close(): void
}

const PATH = '/mqtt'
/** A frame is held in memory before a packet's own limit can be looked at: room for the largest packet with its header. */
const FRAME_LIMIT_BYTES = PACKET_LIMIT_BYTES + 1024
/** So that those who have not logged in cannot make it hold a great many frames. */
const MAX_NOT_LOGGED_IN = 64
const UNSUPPORTED_DATA = 1003

export function createMqttWebSocket(handle: (connection: Duplex) => AcceptedConnection): MqttWebSocket {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_LIMIT_BYTES,
    // The client must offer `mqtt` and the server must choose it [MQTT-6.0.0-3, MQTT-6.0.0-4].
    handleProtocols: (offered) => offered.has('mqtt') && 'mqtt',
  })
  const open = new Set<AcceptedConnection>()
  const notLoggedIn = (): number => [...open].filter(({ connected }) => !connected).length

  return {
    upgrade(request, socket, head) {
      // A peer that is gone while it is being answered is nobody's error.
      socket.on('error', () => socket.destroy())
      const refused = refusalOf(request) ?? (notLoggedIn() < MAX_NOT_LOGGED_IN ? null : '503 Service Unavailable')
      if (refused !== null) {
        socket.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
        return
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        // Packets travel in binary frames only [MQTT-6.0.0-1].
        webSocket.on('message', (_bytes, isBinary) => {
          if (!isBinary) webSocket.close(UNSUPPORTED_DATA)
        })
        const connection = handle(createWebSocketStream(webSocket))
        open.add(connection)
        webSocket.on('close', () => open.delete(connection))
      })
    },
    close() {
      for (const webSocket of server.clients) webSocket.terminate()
      server.close()
    },
  }
}

function refusalOf({ url = '', headers }: IncomingMessage): string | null {
  if (url.split('?')[0] !== PATH) return '404 Not Found'
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return offered.includes('mqtt') ? null : '400 Bad Request'
}
