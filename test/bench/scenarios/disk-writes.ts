/** What a commune's pace, 500 messages a minute, writes to the disk in a day: a flash card's life. */

import { statSync } from 'node:fs'

import { connectLoad } from '../load/start-load.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { diskWrittenBytes, writtenBytes } from '../measure/process-usage.ts'
import { startKeng } from '../servers/start-keng.ts'
import type { Bench, Outcome } from './scenario.ts'

const DEFAULT_SECONDS = 300
const DEVICES = 500
const DAY_SECONDS = 86_400
const GB = 1e9
const WANTED_GB_PER_DAY = 5

export async function diskWrites({ t, options, say }: Bench): Promise<Outcome> {
  const seconds = options.seconds ?? DEFAULT_SECONDS
  const server = await startKeng(t)
  const connected = await connectLoad(t, server, {
    devices: await server.devices(DEVICES),
    window: 4,
    loop: { kind: 'open', messagesPerSecond: DEVICES / 60, seconds },
  })
  await server.settled()
  const disk = deviceOf(server.dataDir)
  const before = { process: writtenBytes(server.pid), disk: diskWrittenBytes(disk) }
  say(`${DEVICES} messages a minute for ${seconds} s`)
  const load = await measureLoad(server, connected)
  const process = writtenBytes(server.pid) - before.process
  const diskNow = diskWrittenBytes(disk)
  const whole = diskNow === undefined || before.disk === undefined ? undefined : diskNow - before.disk
  const perDay = (bytes: number) => (bytes / load.seconds) * (DAY_SECONDS / GB)
  const processGbPerDay = perDay(process)
  const diskGbPerDay = whole === undefined ? undefined : perDay(whole)
  return {
    summary: `${processGbPerDay.toFixed(2)} GB a day written by the process (${(process / load.acknowledged / 1000).toFixed(1)} kB a message)${diskGbPerDay === undefined ? '' : `; ${diskGbPerDay.toFixed(2)} GB a day by the whole machine`}`,
    verdicts: [{ wanted: `at most ${WANTED_GB_PER_DAY} GB a day`, held: processGbPerDay <= WANTED_GB_PER_DAY }],
    figures: { processGbPerDay, diskGbPerDay, processBytes: process, diskBytes: whole, seconds: load.seconds, load },
  }
}

/** Device numbers as Linux packs them into `st_dev` (makedev(3)). */
function deviceOf(path: string): { major: number; minor: number } {
  const { dev } = statSync(path, { bigint: true })
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  return { major: Number(major), minor: Number(minor) }
}
