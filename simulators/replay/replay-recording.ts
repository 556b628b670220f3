/** Plays a recording over MQTT as the devices it came from. */

import { KengError } from '../../libs/core/errors.ts'
import type { Clock } from '../../libs/ports/clock.ts'
import { createDeviceConnection, type DeviceConnection } from '../mqtt/device-connection.ts'
import { openCsvRows } from './csv-rows.ts'
import { type Batch, createDeviceBatches, type DeviceBatches } from './device-batches.ts'
import type { RecordingMap } from './recording-map.ts'
import { columnsOf, createRowReader, type RecordedMessage } from './row-reader.ts'
import type { Survey } from './survey.ts'

export interface ReplayDeps {
  readonly clock: Clock
  readonly onTrouble: (error: KengError) => void
  readonly signal: AbortSignal
}

export interface ReplayOptions {
  readonly file: string
  readonly map: RecordingMap
  readonly survey: Survey
  readonly mqttUrl: string
  readonly tokens: ReadonlyMap<string, string>
  /** Recorded time to real time; null: as fast as acknowledged. */
  readonly speed: number | null
  /** Milliseconds added to every time. */
  readonly shiftMs: number
}

export interface ReplayCounts {
  readonly messages: number
  readonly packets: number
  readonly acknowledged: number
}

interface Sender {
  readonly connection: DeviceConnection<Batch>
  readonly batches: DeviceBatches
}

/** Packets of one device that may wait for their PUBACK: enough to keep a disk busy, and a bound for many devices. */
const IN_FLIGHT = 4
/** A paced replay of a file that is not in order of time is sorted in memory, up to so many messages. */
const MOST_SORTED = 1_000_000

async function* messagesOf({ file, map }: ReplayOptions): AsyncGenerator<RecordedMessage> {
  const rows = openCsvRows(file, map, columnsOf(map))
  const reader = createRowReader(map, rows)
  for await (const row of rows) {
    const message = reader.read(row)
    if (typeof message !== 'string') yield message
  }
}

async function* inOrderOfTime(options: ReplayOptions): AsyncGenerator<RecordedMessage> {
  if (options.survey.messages > MOST_SORTED) {
    throw new KengError(
      'KENG_REPLAY_FILE',
      `${options.file} is not in order of time and has ${options.survey.messages} messages, more than the ${MOST_SORTED} that are sorted here; sort it first`,
    )
  }
  const all: RecordedMessage[] = []
  for await (const message of messagesOf(options)) all.push(message)
  yield* all.sort((a, b) => a.ts - b.ts)
}

/** Resolves when all is acknowledged, or the signal was given; rejects with KENG_CLIENT_LOGIN or KENG_REPLAY_FILE. */
export async function replayRecording(deps: ReplayDeps, options: ReplayOptions): Promise<ReplayCounts> {
  const { clock, signal } = deps
  const { map, survey, speed, shiftMs } = options
  const counts = { messages: 0, packets: 0, acknowledged: 0 }
  let failure: KengError | null = null
  let wake: () => void = () => undefined

  /** Waits for the next acknowledgement, failure or signal. */
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve
    })
  const going = (): boolean => failure === null && !signal.aborted
  const until = async (condition: () => boolean): Promise<void> => {
    while (going() && !condition()) await change()
  }
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort)

  const senders = new Map<string, Sender>(
    survey.devices.map((device) => {
      const connection = createDeviceConnection<Batch>(deps, {
        url: options.mqttUrl,
        device,
        token: options.tokens.get(device) ?? '',
        capacity: IN_FLIGHT,
        inFlight: IN_FLIGHT,
        onAcknowledged({ messages }) {
          counts.acknowledged += messages
          wake()
        },
        onTrouble(error) {
          // A wrong token does not become right by trying; an absent server may come back.
          if (error.code === 'KENG_CLIENT_LOGIN') failure = error
          else deps.onTrouble(error)
          wake()
        },
      })
      return [device, { connection, batches: createDeviceBatches(speed === null ? map.batch : 1) }]
    }),
  )

  const send = async ({ connection }: Sender, batch: Batch | null): Promise<void> => {
    if (batch === null) return
    await until(() => connection.room > 0)
    if (!going()) return
    counts.messages += batch.messages
    counts.packets++
    connection.publish(batch.payload, batch)
  }

  const began = clock.monotonic()
  const pace = async (ts: number): Promise<void> => {
    if (speed === null) return
    const due = began + (ts - survey.first) / speed
    if (due <= clock.monotonic()) return
    const cancel = clock.after(due - clock.monotonic(), () => wake())
    await until(() => clock.monotonic() >= due)
    cancel()
  }

  try {
    for (const { connection } of senders.values()) connection.open()
    const messages = speed !== null && survey.outOfOrder > 0 ? inOrderOfTime(options) : messagesOf(options)
    for await (const message of messages) {
      if (!going()) break
      const sender = senders.get(message.device)
      if (sender === undefined) throw new KengError('KENG_REPLAY_FILE', `${options.file} changed while it was read`)
      await pace(message.ts)
      await send(sender, sender.batches.add({ ...message, ts: message.ts + shiftMs }))
    }
    for (const sender of senders.values()) await send(sender, sender.batches.flush())
    await until(() => counts.acknowledged >= counts.messages)
    if (failure !== null) throw failure
    return counts
  } finally {
    signal.removeEventListener('abort', onAbort)
    await Promise.all([...senders.values()].map(({ connection }) => connection.close()))
  }
}
