import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { openDataDir, readAdminToken, rotateAdminToken } from '../../../libs/runtime/data-dir.ts'
import { ownIdentity } from '../../../libs/runtime/process-identity.ts'
import { tempDir } from '../../support/temp-dir.ts'

const codeOf = (action: () => unknown): string | undefined => {
  try {
    action()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return undefined
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('is made for its owner alone, with its secrets', (t) => {
  const folder = join(tempDir(t), 'deep', 'data')
  const dir = openDataDir(folder)
  t.onTestFinished(dir.close)
  expect(modeOf(folder)).toBe('700')
  for (const file of ['admin.token', 'session.key', 'token.key']) expect(modeOf(join(folder, file))).toBe('600')
  expect(dir.adminToken()).toBe(readAdminToken(folder))
  expect(dir.tokenKey).toHaveLength(32)
  expect(dir.tokenKey.equals(dir.sessionKey)).toBe(false)
})

test('keeps its secrets over a restart, and leaves nothing else behind', (t) => {
  const folder = tempDir(t)
  const first = openDataDir(folder)
  first.close()
  const second = openDataDir(folder)
  expect(second.tokenKey.equals(first.tokenKey)).toBe(true)
  expect(second.adminToken()).toBe(first.adminToken())
  second.close()
  second.close()
  expect(readdirSync(folder).sort()).toEqual(['admin.token', 'format', 'session.key', 'token.key'])
})

test('hands out a rotated admin token from the next request on', (t) => {
  const dir = openDataDir(tempDir(t))
  t.onTestFinished(dir.close)
  const old = dir.adminToken()
  const token = rotateAdminToken(dir.path)
  expect(token).not.toBe(old)
  expect(dir.adminToken()).toBe(token)
})

test('keeps a second opener out until it is closed', (t) => {
  const folder = tempDir(t)
  const dir = openDataDir(folder)
  expect(codeOf(() => openDataDir(folder))).toBe('KENG_DATA_DIR_IN_USE')
  expect(() => openDataDir(folder)).toThrow(String(process.pid))
  dir.close()
  openDataDir(folder).close()
})

test('opens again after its holder was killed', async (t) => {
  const folder = tempDir(t)
  const holder = spawn(process.execPath, [
    '--import',
    'tsx',
    '--eval',
    `import { openDataDir } from ${JSON.stringify(new URL('../../../libs/runtime/data-dir.ts', import.meta.url).href)}
     openDataDir(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000)`,
    '--input-type=module',
  ])
  t.onTestFinished(() => void holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  expect(codeOf(() => openDataDir(folder))).toBe('KENG_DATA_DIR_IN_USE')
  holder.kill('SIGKILL')
  await once(holder, 'close')
  openDataDir(folder).close()
  expect(existsSync(join(folder, 'lock'))).toBe(false)
})

test('takes over a lock whose pid was given to another process', (t) => {
  const folder = tempDir(t)
  writeFileSync(join(folder, 'lock'), JSON.stringify({ ...ownIdentity(), started: 'in another life' }))
  openDataDir(folder).close()
})

test('takes over a lock that was torn', (t) => {
  const folder = tempDir(t)
  writeFileSync(join(folder, 'lock'), '{"pid":')
  openDataDir(folder).close()
})

test('refuses a folder of a newer version and leaves it as it is', (t) => {
  const folder = tempDir(t)
  writeFileSync(join(folder, 'format'), '999\n')
  expect(codeOf(() => openDataDir(folder))).toBe('KENG_DATA_DIR_NEWER')
  expect(readdirSync(folder)).toEqual(['format'])
  expect(readFileSync(join(folder, 'format'), 'utf8')).toBe('999\n')
})

test('says that a path under a file cannot be a folder', (t) => {
  const file = join(tempDir(t), 'file')
  writeFileSync(file, '')
  expect(codeOf(() => openDataDir(join(file, 'data')))).toBe('KENG_DATA_DIR_UNWRITABLE')
})

test('does not make a new key in place of an empty one', (t) => {
  const folder = tempDir(t)
  openDataDir(folder).close()
  writeFileSync(join(folder, 'token.key'), '')
  expect(() => openDataDir(folder)).toThrow('token.key is empty')
  expect(existsSync(join(folder, 'lock'))).toBe(false)
})
