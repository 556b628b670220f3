/** An MQTT CONNECT as bytes, also of a level that our own client library would not send. */

const field = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

export interface ConnectBytes {
  readonly clientId: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly clean?: boolean
  /** Protocol level: 4 is MQTT 3.1.1, 5 is MQTT 5. */
  readonly level?: number
}

export function connectBytes({ clientId, username, password, clean = true, level = 4 }: ConnectBytes): Buffer {
  const flags = (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40) | (clean ? 2 : 0)
  const properties = level === 5 ? [Buffer.from([0])] : []
  const keepalive = [0, 60]
  const body = Buffer.concat([
    field('MQTT'),
    Buffer.from([level, flags, ...keepalive]),
    ...properties,
    field(clientId),
    ...(username === undefined ? [] : [field(username)]),
    ...(password === undefined ? [] : [field(password)]),
  ])
  const length = body.length < 128 ? [body.length] : [(body.length % 128) | 0x80, body.length >> 7]
  return Buffer.concat([Buffer.from([0x10, ...length]), body])
}
