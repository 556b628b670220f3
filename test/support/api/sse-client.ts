/** A client of the live stream over a real socket, that can stop reading. */

import { connect, type Socket } from 'node:net'

import type { Cleanup } from '../cleanup.ts'
import { AS_ADMIN } from './create-test-api.ts'

export interface SseEvent {
  readonly id: string
  readonly event: string
  readonly data: unknown
}

export interface SseClient {
  readonly events: SseEvent[]
  /** Comment lines. */
  readonly comments: string[]
  status(): number
  header(name: string): string | undefined
  isClosed(): boolean
  /** Stops taking bytes, so that the kernel's buffers fill up. */
  pause(): void
  resume(): void
  close(): void
}

export interface SseRequest {
  readonly port: number
  readonly query?: string
  readonly lastEventId?: string
  readonly headers?: Readonly<Record<string, string>>
}

export function openSse(t: Cleanup, { port, query = '', lastEventId, headers = AS_ADMIN }: SseRequest): SseClient {
  const events: SseEvent[] = []
  const comments: string[] = []
  let head = ''
  let text = ''
  let closed = false
  const socket: Socket = connect(port, '127.0.0.1')
  // HTTP/1.0: then the body is not chunked, and needs no decoding here.
  const lines = [`GET /api/v1/live${query} HTTP/1.0`, `Host: 127.0.0.1:${port}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (lastEventId !== undefined) lines.push(`Last-Event-ID: ${lastEventId}`)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.setEncoding('utf8')
  socket.on('error', () => undefined)
  socket.on('close', () => {
    closed = true
  })
  socket.on('data', (chunk: string) => {
    text += chunk
    if (head === '') {
      const end = text.indexOf('\r\n\r\n')
      if (end === -1) return
      head = text.slice(0, end)
      text = text.slice(end + 4)
    }
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) take(block)
  })
  t.onTestFinished(() => void socket.destroy())

  const take = (block: string): void => {
    const fields = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    )
    const comment = fields.get('')
    if (comment !== undefined) comments.push(comment)
    const data = fields.get('data')
    if (data !== undefined)
      events.push({ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) })
  }

  return {
    events,
    comments,
    status: () => Number(head.split(' ')[1] ?? 0),
    header: (name) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim(),
    isClosed: () => closed,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
  }
}
