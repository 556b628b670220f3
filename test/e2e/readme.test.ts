import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import type { Cleanup } from '../support/cleanup.ts'
import { readmeCommands } from '../support/readme-commands.ts'
import { ROOT, readSource } from '../support/source-files.ts'
import { type KengProcess, spawnKeng } from '../support/spawn-keng.ts'
import { tempDir } from '../support/temp-dir.ts'

const COMMAND_LIMIT_MS = 40_000

/** Files that the README takes for granted. */
const FILES = {
  'stations.csv': 'id,name,expectedIntervalSeconds\nws-01,Cống Ông Thìn,60\n',
  'river.csv': 'Timestamp,Level,Cond,Tur\n1/01/2018 9:05,0.5,300.25,12\n1/01/2018 10:35,0.5,301,12.5\n',
}
/** Kept out of the folder in which the commands are typed: what is made by running them. */
const MADE_BY_RUNNING = /^(?:\.git|data.*)$/

type Server = KengProcess & { readonly ready: { readonly http: string; readonly mqtt: string; readonly link: string } }

/** A checkout to type commands in, without leaving anything in this one. */
function checkout(t: Cleanup): string {
  const folder = tempDir(t)
  for (const name of readdirSync(ROOT))
    if (!MADE_BY_RUNNING.test(name)) symlinkSync(join(ROOT, name), join(folder, name))
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content)
  return folder
}

/** Starts what the line starts. `npm start` is read from package.json. */
async function startServer(t: Cleanup, command: string): Promise<Server> {
  const { scripts } = JSON.parse(readSource('package.json')) as { scripts: { start: string } }
  const line = command.startsWith('npm start')
    ? scripts.start
    : command.replace('npx keng', 'node services/cli/keng.mjs')
  const [, program = '', ...args] = (line.split('#')[0] ?? '').trim().split(/\s+/)
  const server = await spawnKeng(t, { program: ROOT + program, args })
  await expect.poll(server.stdout).toContain(server.ready.link)
  return server
}

/** The command as somebody on this server types it: the README has the default addresses and folders. */
const forServer = (command: string, { dataDir, ready }: Server): string =>
  command
    .replaceAll(/http:\/\/(?:127\.0\.0\.1|localhost):8080/g, ready.http)
    .replaceAll(/mqtt:\/\/(?:127\.0\.0\.1|localhost):1883/g, ready.mqtt)
    .replaceAll(/(?<!\/)(?:\.\/)?\bdata(?:-demo)?\//g, `${dataDir}/`)
    // Goes on until Ctrl+C unless it is told how long.
    .replace(/keng simulate \S+(?!.*--duration)/, '$& --duration 3')

async function runInShell(
  cwd: string,
  command: string,
  dataDir: string,
): Promise<{ status: number | null; said: string }> {
  const env = { ...process.env, KENG_DATA_DIR: dataDir }
  const child = spawn('sh', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: COMMAND_LIMIT_MS })
  let said = ''
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, said }
}

describe('README.md', () => {
  test('is read heading by heading and block by block', () => {
    const page = [
      '# Kẻng',
      '## Start',
      '```sh',
      'npm ci',
      'git clone …',
      'npx keng simulate fleet \\',
      '  --duration 5   # five seconds',
      '```',
      '```json',
      'npm start',
      '```',
      '## Develop',
      '```sh',
      'npm test',
      '```',
    ]
    expect(readmeCommands(page.join('\n'))).toEqual(['npm ci', 'npx keng simulate fleet --duration 5   # five seconds'])
  })

  test('has commands under Start and Try it that work, typed one after the other', async (t) => {
    const commands = readmeCommands(readSource('README.md')).filter((command) => !/^npm ci\b/.test(command))
    expect(commands[0]).toMatch(/^npm start\b/)
    expect(commands.length).toBeGreaterThan(5)
    const hasCurl = spawnSync('curl', ['--version']).status === 0
    const folder = checkout(t)
    let server: Server | null = null
    for (const command of commands) {
      if (/^(?:npm start|npx keng start)\b/.test(command)) {
        if (server !== null) expect(await server.kill('SIGTERM')).toEqual({ status: 0, signal: null })
        server = await startServer(t, command)
        continue
      }
      expect(command, 'only these are run: npm ci, npm start, npx keng, curl').toMatch(/^(?:npx keng|curl) /)
      if (command.startsWith('curl') && !hasCurl) {
        process.stderr.write(`skipped: ${command}: curl is not installed\n`)
        continue
      }
      if (server === null) throw new Error(`no server was started before ${command}`)
      const { status, said } = await runInShell(folder, forServer(command, server), server.dataDir)
      expect({ command, status, said: status === 0 ? '' : said }).toEqual({ command, status: 0, said: '' })
    }
  }, 240_000)
})
