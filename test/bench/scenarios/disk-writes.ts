/** What a commune's pace, 500 messages a minute, writes to the disk in a day: a flash card's life. */

import { join } from 'node:path'

import { connectLoad } from '../load/start-load.ts'
import { measureLoad, settled } from '../measure/measure-load.ts'
import { countedDisk } from '../measure/own-disk.ts'
import { startKeng } from '../servers/start-keng.ts'
import type { Bench, Outcome } from './scenario.ts'

const DEFAULT_SECONDS = 300
const DEVICES = 500
const DAY_SECONDS = 86_400
const GB = 1e9
const WANTED_GB_PER_DAY = 5

export async function diskWrites({ t, options, say }: Bench): Promise<Outcome> {
  const seconds = options.seconds ?? DEFAULT_SECONDS
  // The block device is asked and not /proc/PID/io: with large folios that counts a megabyte for each small write.
  const disk = countedDisk(t)
  if (disk === undefined)
    throw new Error('the temporary folder is on no block device; set TMPDIR to a folder on a disk')
  say(disk.isOwn ? 'on a file system of its own' : 'on a shared disk: what others write is counted too')
  const server = await startKeng(t, { dataDir: join(disk.folder, 'keng') })
  const connected = await connectLoad(t, server, {
    devices: await server.devices(DEVICES),
    window: 4,
    loop: { kind: 'open', messagesPerSecond: DEVICES / 60, seconds },
  })
  await settled(server)
  const before = disk.writtenBytes()
  say(`${DEVICES} messages a minute for ${seconds} s`)
  const load = await measureLoad(server, connected)
  const bytes = disk.writtenBytes() - before
  const gbPerDay = (bytes / load.seconds) * (DAY_SECONDS / GB)
  await server.stop()
  const stopBytes = disk.writtenBytes() - before - bytes
  return {
    summary: `${gbPerDay.toFixed(2)} GB a day, ${(bytes / load.acknowledged / 1000).toFixed(1)} kB a message, the file system's journal included; ${(stopBytes / 1e6).toFixed(1)} MB more at the stop`,
    verdicts: [{ wanted: `at most ${WANTED_GB_PER_DAY} GB a day`, held: gbPerDay <= WANTED_GB_PER_DAY }],
    figures: { gbPerDay, bytes, stopBytes, seconds: load.seconds, ownDisk: disk.isOwn, load },
  }
}
