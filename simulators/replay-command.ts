/** `keng replay FILE --map MAP` with its options parsed: registers the recording's devices, plays it, says what was sent. */

import { readFileSync } from 'node:fs'
import { isKengError, KengError } from '../libs/core/errors.ts'
import { createServerClient } from '../libs/runtime/server-client.ts'
import { registerDevices } from './registration/register-devices.ts'
import { openTokenFile } from './registration/token-file.ts'
import { parseRecordingMap, type RecordingMap } from './replay/recording-map.ts'
import { type ReplayCounts, replayRecording } from './replay/replay-recording.ts'
import { type Survey, surveyRecording } from './replay/survey.ts'
import type { CommandDeps, ExitStatus } from './simulate-command.ts'
import type { ServerAddress } from './start-simulation.ts'
import { createTroubleReport } from './trouble-report.ts'

export interface ReplayArgs {
  readonly server: ServerAddress
  /** Path of the recording. */
  readonly file: string
  /** Path of its map (docs/replay.md). */
  readonly mapFile: string
  /** Recorded time to real time, above 0; null: as fast as acknowledged. */
  readonly speed: number | null
  /** `now`: all times are moved so that the last row is of the moment when it is sent; null: its own times. */
  readonly shift: 'now' | null
  /** The summary as one line of JSON. */
  readonly json: boolean
}

/** What `--json` prints. */
export interface ReplaySummary extends ReplayCounts, Omit<Survey, 'devices' | 'messages' | 'first' | 'last'> {
  readonly file: string
  readonly devices: number
  /** ISO 8601 UTC, as recorded. */
  readonly first: string
  readonly last: string
  readonly shiftedByMs: number
  readonly completed: boolean
}

function readMap(path: string): RecordingMap {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new KengError('KENG_REPLAY_MAP', `${path} cannot be read`, { cause })
  }
  return parseRecordingMap(path, text)
}

/** A paced replay takes as long as the recording at that speed: its last row is of the moment when it goes out. */
function shiftOf({ shift, speed }: ReplayArgs, { first, last }: Survey, now: number): number {
  if (shift === null) return 0
  return Math.round(now + (speed === null ? 0 : (last - first) / speed) - last)
}

function sentences(summary: ReplaySummary): string[] {
  const { file, rows, values, devices, messages, packets, acknowledged, skippedRows, cells, outOfOrder, sameTime } =
    summary
  const skipped = Object.entries(skippedRows).filter(([, count]) => count > 0)
  const lines = [
    `${file}: ${rows} rows, ${values} usable values, ${devices} device${devices === 1 ? '' : 's'}, ${summary.first} to ${summary.last}`,
    `sent ${messages} messages in ${packets} packets, ${acknowledged} acknowledged`,
  ]
  if (skipped.length > 0)
    lines.push(`rows skipped: ${skipped.map(([reason, count]) => `${count} ${reason}`).join(', ')}`)
  if (cells.missing + cells.unreadable > 0)
    lines.push(`cells without a value: ${cells.missing} missing, ${cells.unreadable} unreadable`)
  if (outOfOrder + sameTime > 0)
    lines.push(
      `rows not in order: ${outOfOrder} earlier than one before, ${sameTime} at the same time as the one before`,
    )
  if (summary.shiftedByMs !== 0) lines.push(`all times moved by ${summary.shiftedByMs} ms`)
  return lines
}

async function replay(deps: CommandDeps, args: ReplayArgs): Promise<ReplaySummary> {
  if (args.speed !== null && !(args.speed > 0))
    throw new KengError('KENG_SIMULATE_OPTIONS', `speed is ${args.speed} and must be above 0`)
  const map = readMap(args.mapFile)
  const survey = await surveyRecording(args.file, map)
  const client = createServerClient({ baseUrl: args.server.httpUrl, token: () => args.server.adminToken })
  // A recording of elsewhere must not call anybody out: simulated unless the map says that it is one's own history.
  const registrations = survey.devices.map((id) => ({ id, simulated: true, ...map.registration }))
  const tokens = await registerDevices(client, openTokenFile(args.server.tokenFile), registrations)
  const shiftMs = shiftOf(args, survey, deps.clock.now())
  const counts = await replayRecording(
    { clock: deps.clock, signal: deps.signal, onTrouble: createTroubleReport(deps.clock, deps.warn) },
    { file: args.file, map, survey, mqttUrl: args.server.mqttUrl, tokens, speed: args.speed, shiftMs },
  )
  const { devices, messages, first, last, ...rest } = survey
  return {
    file: args.file,
    devices: devices.length,
    ...rest,
    ...counts,
    first: new Date(first).toISOString(),
    last: new Date(last).toISOString(),
    shiftedByMs: shiftMs,
    completed: counts.acknowledged === messages,
  }
}

/** Resolves with the exit status; never rejects for what a user can cause. */
export async function runReplay(deps: CommandDeps, args: ReplayArgs): Promise<ExitStatus> {
  try {
    const summary = await replay(deps, args)
    if (args.json) deps.print(JSON.stringify(summary))
    else for (const line of sentences(summary)) deps.print(line)
    if (!summary.completed)
      deps.warn('stopped before the end; the same replay again adds what is missing and duplicates of the rest')
    return summary.completed ? 0 : 1
  } catch (error) {
    if (!isKengError(error)) throw error
    deps.warn(error.message)
    return error.code === 'KENG_SIMULATE_OPTIONS' || error.code === 'KENG_REPLAY_MAP' ? 2 : 1
  }
}
