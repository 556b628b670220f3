/** What the program refuses to start with: said in one line that names what to change, before any socket opens. */

import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, test } from 'vitest'

import type { Cleanup } from '../support/cleanup.ts'
import { runKeng, spawnKeng } from '../support/spawn-keng.ts'
import { tempDir } from '../support/temp-dir.ts'

/** Status and the one line of a start that is refused; nothing else may be printed. */
async function refusal(t: Cleanup, dataDir: string, env: Record<string, string> = {}) {
  const { status, stdout, stderr } = await runKeng(t, { args: ['start'], dataDir, env })
  expect(stdout).toBe('')
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  return { status, stderr }
}

/** A port that another program listens on. */
async function takenPort(t: Cleanup): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.onTestFinished(() => void other.close())
  return String((other.address() as AddressInfo).port)
}

/** Runs statements on a database file that nobody has open; the rows of the last. */
async function sql(file: string, statements: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  const result = await connection.runAndReadAll(statements)
  connection.closeSync()
  instance.closeSync()
  return result.getRows()
}

const writtenFile = (t: Cleanup, text: string): string => {
  const file = join(tempDir(t), 'file')
  writeFileSync(file, text)
  return file
}

describe('keng start refuses, with status 2,', () => {
  test('wrong settings: all are named in one line, and no folder is made', async (t) => {
    const dataDir = join(tempDir(t), 'data')
    const env = {
      KENG_HTTP_PORT: '70000',
      KENG_MQTT_PORT: '1e3',
      KENG_LANG: 'fr',
      KENG_MQTT_PRT: '1883',
      KENG_RAW_RETENTION_DAYS: '0',
      KENG_PUBLIC_URL: 'keng.example',
    }
    const { status, stderr } = await refusal(t, dataDir, env)
    expect(status).toBe(2)
    for (const variable of Object.keys(env)) expect(stderr).toContain(variable)
    for (const shown of ['70000', 'fr', 'keng.example', 'from 0 to 65535', 'vi or en', 'did you mean KENG_MQTT_PORT']) {
      expect(stderr).toContain(shown)
    }
    expect(existsSync(dataDir)).toBe(false)
  })

  test.for([
    ['KENG_RULES', '/nowhere/rules.json', {}],
    ['KENG_TLS_CERT', '/nowhere/cert.pem', { KENG_TLS_KEY: '/nowhere/key.pem' }],
    ['KENG_MQTT_HOST', '192.0.2.1', {}],
    ['KENG_HOST', 'no.such.host.invalid', {}],
  ] as const)('a %s that cannot be used, by its name', async ([variable, value, more], t) => {
    const { status, stderr } = await refusal(t, tempDir(t), { [variable]: value, ...more })
    expect([status, stderr]).toEqual([2, expect.stringContaining(variable)])
    expect(stderr).toContain('KENG_CONFIG_INVALID')
  })
})

describe('keng start refuses, with status 1,', () => {
  test('a rules file with faults: all are named with their place, before a port is tried', async (t) => {
    const rule = { id: 'a', kind: 'threshold', channel: 'water.ph', severity: 'loud' }
    const KENG_RULES = writtenFile(t, JSON.stringify({ version: 2, rules: [rule, { kind: 'guess' }], more: 1 }))
    const env = { KENG_RULES, KENG_HTTP_PORT: await takenPort(t), KENG_MQTT_PORT: await takenPort(t) }
    const dataDir = join(tempDir(t), 'data')
    const { status, stderr } = await refusal(t, dataDir, env)
    expect(status).toBe(1)
    for (const part of ['KENG_ALERT_RULES', '/version', '/more', '/rules/0', '/rules/1', KENG_RULES]) {
      expect(stderr).toContain(part)
    }
    expect(existsSync(dataDir)).toBe(false)
  })

  test('a rules file that is not JSON', async (t) => {
    const { status, stderr } = await refusal(t, tempDir(t), { KENG_RULES: writtenFile(t, '{"rules":[') })
    expect([status, stderr]).toEqual([1, expect.stringContaining('KENG_ALERT_RULES')])
  })

  test('a folder that another process uses, without disturbing it', async (t) => {
    const { ready, dataDir } = await spawnKeng(t)
    expect(await refusal(t, dataDir)).toEqual({ status: 1, stderr: expect.stringContaining(`process ${ready.pid}`) })
    expect((await fetch(`${ready.http}/healthz`)).status).toBe(200)
  })

  test('a folder of a newer version, and leaves it as it is', async (t) => {
    const dataDir = tempDir(t)
    writeFileSync(join(dataDir, 'format'), '999\n')
    const { status, stderr } = await refusal(t, dataDir)
    expect([status, stderr]).toEqual([1, expect.stringContaining('KENG_DATA_DIR_NEWER')])
    expect(stderr).toContain('999')
    expect(readFileSync(join(dataDir, 'format'), 'utf8')).toBe('999\n')
  })

  test('a series store of a newer version, and adds nothing to it', async (t) => {
    const dataDir = tempDir(t)
    const file = join(dataDir, 'series.duckdb')
    await sql(file, 'CREATE TABLE version (number INTEGER); INSERT INTO version VALUES (999)')
    const { status, stderr } = await refusal(t, dataDir)
    expect([status, stderr]).toEqual([1, expect.stringContaining('KENG_DATA_DIR_NEWER')])
    for (const part of ['series.duckdb', '999']) expect(stderr).toContain(part)
    expect(await sql(file, 'SELECT table_name FROM duckdb_tables()')).toEqual([['version']])
  })

  test('a folder that is below a file', async (t) => {
    const { status, stderr } = await refusal(t, join(writtenFile(t, ''), 'data'))
    expect([status, stderr]).toEqual([1, expect.stringContaining('KENG_DATA_DIR_UNWRITABLE')])
    expect(stderr).toContain('KENG_DATA_DIR')
  })

  test('a folder that this user may not write', async (t) => {
    if (process.getuid?.() === 0) t.skip('root may write anywhere')
    const dataDir = tempDir(t)
    chmodSync(dataDir, 0o500)
    const { status, stderr } = await refusal(t, dataDir)
    expect([status, stderr]).toEqual([1, expect.stringContaining('KENG_DATA_DIR_UNWRITABLE')])
  })

  test.for(['KENG_HTTP_PORT', 'KENG_MQTT_PORT'])(
    'a port of %s that is in use, and gives the folder back',
    async (variable, t) => {
      const dataDir = tempDir(t)
      const port = await takenPort(t)
      const { status, stderr } = await refusal(t, dataDir, { [variable]: port })
      expect(status).toBe(1)
      for (const part of ['KENG_CONFIG_PORT_IN_USE', port, variable]) expect(stderr).toContain(part)
      expect(existsSync(join(dataDir, 'lock'))).toBe(false)
    },
  )
})
