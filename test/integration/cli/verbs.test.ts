/** The verbs against a server of HTTP answers that each test writes down. */

import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, type TestContext, test, vi } from 'vitest'

import { openDataDir, readAdminToken } from '../../../libs/runtime/data-dir.ts'
import { writeReadyFile } from '../../../libs/runtime/ready-file.ts'
import { runCommandLine } from '../../../services/cli/command-line.ts'
import { freePort } from '../../support/free-port.ts'
import { recordingTerminal } from '../../support/recording-terminal.ts'
import { tempDir } from '../../support/temp-dir.ts'

interface Seen {
  readonly request: string
  readonly authorization: string | undefined
  readonly body: unknown
}

interface Answer {
  readonly status?: number
  readonly body: unknown
}

/** A data folder with a server on it that answers in turn. */
async function server(t: TestContext, ...answers: readonly Answer[]) {
  const dataDir = tempDir(t)
  openDataDir(dataDir).close()
  const seen: Seen[] = []
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const { status = 200, body } = answers[seen.length] ?? { status: 500, body: 'no answer was written down' }
    seen.push({
      request: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
      body: text === '' ? undefined : JSON.parse(text),
    })
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    response.end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.onTestFinished(() => void http.close())
  const { port } = http.address() as AddressInfo
  writeReadyFile(dataDir, { pid: process.pid, http: `http://127.0.0.1:${port}`, mqtt: 'mqtt://127.0.0.1:1', link: '' })
  vi.stubEnv('KENG_DATA_DIR', dataDir)
  return { dataDir, seen }
}

async function keng(...args: string[]) {
  const terminal = recordingTerminal()
  const status = await runCommandLine(args, terminal)
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

const LEDGER = { received: 9, stored: 7, partial: 0, duplicate: 1, rejected: 1, inFlight: 0 }

test('ledger asks with the admin token and prints the sums', async (t) => {
  const { dataDir, seen } = await server(t, { body: LEDGER })
  const { status, stdout } = await keng('ledger', '--device', 'ws 01')
  expect(status).toBe(0)
  expect(stdout).toContain('received   9')
  expect(seen).toEqual([
    { request: 'GET /api/v1/ledger?device=ws+01', authorization: `Bearer ${readAdminToken(dataDir)}`, body: undefined },
  ])
})

test('ledger --json prints what the server answered', async (t) => {
  await server(t, { body: LEDGER })
  expect(JSON.parse((await keng('ledger', '--json')).stdout)).toEqual(LEDGER)
})

test('devices list reads every page', async (t) => {
  const device = (id: string) => ({ id, cell: 'default', health: { state: 'unknown', lastReceivedAt: null } })
  const { seen } = await server(
    t,
    { body: { items: [device('a')], next: 'c1' } },
    { body: { items: [device('b')], next: null } },
  )
  const { stdout } = await keng('devices', 'list')
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['id', 'a', 'b'])
  expect(seen.map(({ request }) => request)).toEqual([
    'GET /api/v1/devices?limit=1000',
    'GET /api/v1/devices?limit=1000&cursor=c1',
  ])
})

test('devices import writes tokens into a new file that only its owner reads', async (t) => {
  const { dataDir, seen } = await server(t, { status: 201, body: { items: [{ id: 'w1', token: 'secret1' }] } })
  const [csv, tokens] = [join(dataDir, 'devices.csv'), join(dataDir, 'tokens.csv')]
  writeFileSync(csv, 'id,name\nw1,Well\n')
  const { status, stdout } = await keng('devices', 'import', csv, '--tokens', tokens)
  expect([status, stdout]).toEqual([0, `1 devices registered, tokens in ${tokens}`])
  expect(seen[0]).toMatchObject({ request: 'POST /api/v1/devices', body: [{ id: 'w1', name: 'Well' }] })
  expect(readFileSync(tokens, 'utf8')).toBe('id,token\nw1,secret1\n')
  expect(statSync(tokens).mode & 0o777).toBe(0o600)
})

test('devices import asks nothing of the server when the tokens could not be written', async (t) => {
  const { dataDir, seen } = await server(t)
  const csv = join(dataDir, 'devices.csv')
  writeFileSync(csv, 'id\nw1\n')
  const { status, stderr } = await keng('devices', 'import', csv, '--tokens', csv)
  expect(status).toBe(2)
  expect(stderr).toContain('is there already')
  expect([seen, readFileSync(csv, 'utf8')]).toEqual([[], 'id\nw1\n'])
})

test('devices import says in one line what the server refused, and leaves no empty token file', async (t) => {
  const body = {
    code: 'KENG_HTTP_INVALID',
    detail: 'wrong',
    errors: [{ path: '/body/0/latitude', message: 'must be <= 90' }],
  }
  const { dataDir } = await server(t, { status: 422, body })
  const [csv, tokens] = [join(dataDir, 'devices.csv'), join(dataDir, 'tokens.csv')]
  writeFileSync(csv, 'id,latitude\nw1,91\n')
  const { status, stderr } = await keng('devices', 'import', csv, '--tokens', tokens)
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /^keng: KENG_CLIENT_REFUSED: .*422 KENG_HTTP_INVALID: wrong: \/body\/0\/latitude must be <= 90.*$/,
  )
  expect(existsSync(tokens)).toBe(false)
})

test('devices rotate prints the new token alone, and revoke shows none', async (t) => {
  const answer = { status: 201, body: { id: 'w1', token: 'new-secret' } }
  const { seen } = await server(t, answer, answer)
  expect((await keng('devices', 'rotate', 'w1')).stdout).toBe('new-secret')
  const { status, stdout, stderr } = await keng('devices', 'revoke', 'w1')
  expect(status).toBe(0)
  expect(stdout + stderr).not.toContain('new-secret')
  expect(seen.map(({ request }) => request)).toEqual(Array(2).fill('POST /api/v1/devices/w1/token'))
})

test('rejections shows no control characters of a payload', async (t) => {
  const item = {
    receivedAt: '2026-11-22T05:53:00.000Z',
    device: 'w1',
    code: 'KENG_DECODE_SYNTAX',
    payload: '{\u001b[31m\n"',
  }
  await server(t, { body: { items: [item], next: null } })
  const { stdout } = await keng('rejections')
  expect(stdout).toContain('KENG_DECODE_SYNTAX')
  expect(stdout).not.toContain('\u001b')
})

test('link prints the link alone', async (t) => {
  await server(t, { status: 201, body: { code: 'C', url: 'http://127.0.0.1:8080/#enter=C', expiresAt: 'x' } })
  expect((await keng('link')).stdout).toBe('http://127.0.0.1:8080/#enter=C')
})

test('tokens rotate-admin replaces the token', async (t) => {
  const { dataDir } = await server(t)
  const before = readAdminToken(dataDir)
  expect((await keng('tokens', 'rotate-admin')).status).toBe(0)
  expect(readAdminToken(dataDir)).not.toBe(before)
})

test('doctor tells a server that is well from one that is not', async (t) => {
  await server(t, { body: { ready: true } }, { status: 503, body: { ready: false } })
  expect(await keng('doctor')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^ok +server: ready/m) })
  expect(await keng('doctor')).toMatchObject({ status: 1, stdout: expect.stringMatching(/^failed +server: .*503/m) })
})

test('a server that is not there is said in one line', async (t) => {
  const { dataDir } = await server(t)
  const address = `http://127.0.0.1:${await freePort()}`
  writeReadyFile(dataDir, { pid: process.pid, http: address, mqtt: '', link: '' })
  const { status, stderr } = await keng('ledger')
  expect(status).toBe(1)
  expect(stderr).toMatch(new RegExp(`^keng: KENG_CLIENT_UNREACHABLE: .*${address} \\(ECONNREFUSED\\).*$`))
})

test('a data folder without a token is said in one line', async (t) => {
  vi.stubEnv('KENG_DATA_DIR', join(tempDir(t), 'none'))
  const { status, stderr } = await keng('ledger')
  expect([status, stderr.split('\n').length]).toEqual([1, 1])
  expect(stderr).toContain('admin.token cannot be read (ENOENT)')
})

test('wrong settings exit 2', async () => {
  vi.stubEnv('KENG_HTTP_PORT', 'x')
  expect(await keng('ledger')).toMatchObject({ status: 2, stderr: expect.stringContaining('KENG_HTTP_PORT=x') })
})
