/** Builds server and page into dist/: everything when run by `npm run build`, only what is old when imported by the launcher. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const PARTS = [
  {
    name: 'server',
    sources: ['libs', 'services', 'simulators', 'tsconfig.json', 'tsconfig.build.json'],
    except: join(ROOT, 'services/dashboard'),
    tool: 'node_modules/typescript/bin/tsc',
    // Types are what `npm run check` is for; a start need not wait for them.
    args: ['-p', 'tsconfig.build.json', '--noCheck'],
  },
  {
    name: 'page',
    sources: ['services/dashboard', 'libs/core'],
    tool: 'node_modules/vite/bin/vite.js',
    args: ['build', '--config', 'services/dashboard/vite.config.ts', '--logLevel', 'warn'],
  },
]

/** Newest change below a path, in milliseconds; folders count too, so that a deleted file is noticed. */
function newestChange(path, except) {
  if (path === except) return 0
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestChange(join(path, name), except)),
    stat.mtimeMs,
  )
}

const stampOf = (part) => join(ROOT, 'dist', `.${part.name}-built`)

function isOld(part) {
  const built = statSync(stampOf(part), { throwIfNoEntry: false })?.mtimeMs
  return built === undefined || part.sources.some((source) => newestChange(join(ROOT, source), part.except) > built)
}

/** Returns whether the part is built; what the tool has to say goes to standard error. */
function build(part) {
  const started = new Date()
  const { status } = spawnSync(process.execPath, [join(ROOT, part.tool), ...part.args], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) return false
  mkdirSync(join(ROOT, 'dist'), { recursive: true })
  writeFileSync(stampOf(part), '')
  // What changes while the tool runs is newer than what it read, so the stamp carries the start.
  utimesSync(stampOf(part), started, started)
  return true
}

/** Builds the parts that are old, or all. Where there is no compiler (an image with dist/ only) there is nothing to do. */
export function buildWhatIsOld({ all = false } = {}) {
  for (const part of PARTS) {
    if (!existsSync(join(ROOT, part.tool)) || !(all || isOld(part))) continue
    const started = performance.now()
    process.stderr.write(`keng: building the ${part.name} …\n`)
    if (!build(part)) {
      process.stderr.write(`keng: the ${part.name} could not be built; mend what is said above, then start again\n`)
      return { failed: true }
    }
    process.stderr.write(`keng: built the ${part.name} in ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
  }
  return { failed: false }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && buildWhatIsOld({ all: true }).failed) process.exitCode = 1
