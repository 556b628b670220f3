/** Many simulated devices on a real broker: plays timelines at their times and says what really happened. */

import type { KengError } from '../libs/core/errors.ts'
import type { Clock } from '../libs/ports/clock.ts'
import { createDeviceConnection, type DeviceConnection } from './mqtt/device-connection.ts'
import { type SimulatedMessage, type Timeline, type TimelineStep, wireForm } from './timeline.ts'
import type { TruthEvent } from './truth.ts'

export interface FleetDevice {
  readonly id: string
  readonly token: string
  /** Played from its first step; may be endless. */
  readonly timeline: Timeline
}

export interface FleetDeps {
  readonly clock: Clock
  readonly onTruth?: (event: TruthEvent) => void
  /** A device cannot connect now. Tries go on. */
  readonly onTrouble?: (error: KengError) => void
}

export interface FleetOptions {
  readonly mqttUrl: string
  readonly devices: readonly FleetDevice[]
  /** Simulated time at the start, epoch milliseconds; default the clock's. Before it lies a backlog, sent at once. */
  readonly startAt?: number
  /** Simulated milliseconds to a real one. Default 1: simulated time is the wall clock's, with its steps. */
  readonly speed?: number
  /** New connections a second at the start. Default 500. */
  readonly connectsPerSecond?: number
  /** Packets in each device's queue, and of these sent and not acknowledged. */
  readonly capacity?: number
  readonly inFlight?: number
}

export interface FleetCounts {
  readonly devices: number
  readonly connected: number
  /** Messages made, and those of them acknowledged at least once. */
  readonly produced: number
  readonly acknowledged: number
  /** Messages that a device sent again of its own accord, acknowledged or not. */
  readonly repeated: number
  /** Messages lost in a device's own memory, as a fault. */
  readonly lost: number
  /** Packets not acknowledged yet, bounded by the capacity. */
  readonly waiting: number
}

export interface Fleet {
  /** Connects and plays. Call once. */
  start(): void
  /** Resolves when every timeline has ended and everything is acknowledged; never for endless ones. */
  readonly finished: Promise<void>
  counts(): FleetCounts
  /** Makes no more messages, waits up to `drainMs` (default 0) for acknowledgements, then says goodbye. May be called twice. */
  stop(drainMs?: number): Promise<void>
}

interface Packet {
  readonly messages: readonly SimulatedMessage[]
  readonly repeat: boolean
}

interface Player {
  readonly connection: DeviceConnection<Packet>
  begin(): void
  pause(): void
}

const CONNECTS_PER_SECOND = 500
const DRAIN_POLL_MS = 20
/** Looks again at least so often, because somebody may set the wall clock meanwhile. */
const LONGEST_WAIT_MS = 60_000

const encode = (messages: readonly SimulatedMessage[]): string => {
  const [first] = messages
  return JSON.stringify(messages.length === 1 && first !== undefined ? wireForm(first) : messages.map(wireForm))
}

export function createFleet(deps: FleetDeps, options: FleetOptions): Fleet {
  const { clock, onTruth, onTrouble } = deps
  const { speed = 1, connectsPerSecond = CONNECTS_PER_SECOND } = options
  const sums = { connected: 0, produced: 0, acknowledged: 0, repeated: 0, lost: 0 }
  let simulatedNow = (): number => clock.now()
  let stopping: Promise<void> | null = null
  const cancelStarts: (() => void)[] = []

  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  let playing = options.devices.length

  const startClock = (): void => {
    const wall = clock.now()
    const monotonic = clock.monotonic()
    const startAt = options.startAt ?? wall
    simulatedNow =
      speed === 1 ? () => clock.now() + (startAt - wall) : () => startAt + (clock.monotonic() - monotonic) * speed
  }

  function createPlayer(device: FleetDevice): Player {
    const steps = device.timeline[Symbol.iterator]()
    let next: IteratorResult<TimelineStep> | null = null
    let cancelTimer: (() => void) | null = null
    let paused = false
    let done = false

    const tell = (
      type: 'produced' | 'repeated' | 'acknowledged' | 'lost',
      { boot, seq, ts, values, faults }: SimulatedMessage,
      at: number,
    ): void => {
      const head = { device: device.id, at, boot, seq }
      if (type === 'produced') onTruth?.({ type, ...head, ts, values, faults })
      else if (type === 'lost') onTruth?.({ type, ...head, ts })
      else onTruth?.({ type, ...head })
    }

    const connection = createDeviceConnection<Packet>(deps, {
      url: options.mqttUrl,
      device: device.id,
      token: device.token,
      ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
      ...(options.inFlight === undefined ? {} : { inFlight: options.inFlight }),
      onAcknowledged({ messages, repeat }) {
        const at = simulatedNow()
        if (!repeat) sums.acknowledged += messages.length
        for (const message of messages) tell('acknowledged', message, at)
        play()
      },
      onConnected() {
        sums.connected++
        onTruth?.({ type: 'connected', device: device.id, at: simulatedNow() })
      },
      onDisconnected() {
        sums.connected--
        onTruth?.({ type: 'disconnected', device: device.id, at: simulatedNow() })
      },
      ...(onTrouble === undefined ? {} : { onTrouble }),
    })

    const take = (step: TimelineStep): void => {
      switch (step.kind) {
        case 'cut':
          connection.cut()
          break
        case 'restore':
          connection.open()
          break
        case 'lost':
          sums.lost += step.messages.length
          for (const message of step.messages) tell('lost', message, step.at)
          break
        case 'publish':
          sums[step.repeat ? 'repeated' : 'produced'] += step.messages.length
          for (const message of step.messages) tell(step.repeat ? 'repeated' : 'produced', message, step.at)
          connection.publish(encode(step.messages), step)
      }
    }

    const end = (): void => {
      if (done || connection.waiting > 0) return
      done = true
      playing--
      if (playing === 0) finish()
    }

    // Takes what is due. A full queue stops it until an acknowledgement makes room: the timeline is a function of time,
    // so what was not made yet is made later with its own time stamp, and an outage costs no memory.
    const play = (): void => {
      if (paused) return
      cancelTimer?.()
      cancelTimer = null
      const now = simulatedNow()
      while (connection.room > 0) {
        next ??= steps.next()
        if (next.done === true) {
          end()
          return
        }
        const wait = next.value.at - now
        if (wait > 0) {
          cancelTimer = clock.after(Math.min(LONGEST_WAIT_MS, Math.ceil(wait / speed)), play)
          return
        }
        const step = next.value
        next = null
        take(step)
      }
    }

    return {
      connection,
      begin() {
        connection.open()
        play()
      },
      pause() {
        paused = true
        cancelTimer?.()
      },
    }
  }

  const players = options.devices.map(createPlayer)
  const waiting = (): number => players.reduce((sum, { connection }) => sum + connection.waiting, 0)

  const drained = (drainMs: number): Promise<void> =>
    new Promise((resolve) => {
      const deadline = clock.monotonic() + drainMs
      const look = (): void => {
        if (waiting() === 0 || clock.monotonic() >= deadline) resolve()
        else clock.after(DRAIN_POLL_MS, look)
      }
      look()
    })

  const shutDown = async (drainMs: number): Promise<void> => {
    for (const cancel of cancelStarts) cancel()
    for (const player of players) player.pause()
    await drained(drainMs)
    await Promise.all(players.map(({ connection }) => connection.close()))
  }

  return {
    finished,
    start() {
      startClock()
      if (players.length === 0) finish()
      players.forEach((player, index) => {
        cancelStarts.push(clock.after((index * 1000) / connectsPerSecond, () => player.begin()))
      })
    },
    counts: () => ({ devices: players.length, ...sums, waiting: waiting() }),
    stop(drainMs = 0) {
      stopping ??= shutDown(drainMs)
      return stopping
    },
  }
}
