import { expect, onTestFinished, test } from 'vitest'
import type { KengError } from '../../libs/core/errors.ts'
import { createSystemClock } from '../../libs/runtime/system-clock.ts'
import { applyFaults } from '../../simulators/faults/apply-faults.ts'
import { sendAgain } from '../../simulators/faults/duplicate.ts'
import { offlineThenBackfill } from '../../simulators/faults/offline.ts'
import { seededSchedule } from '../../simulators/faults/schedule.ts'
import { createFleet } from '../../simulators/fleet.ts'
import { fleetLoad } from '../../simulators/scenarios/fleet-load.ts'
import type { SimulatedDevice } from '../../simulators/scenarios/scenario.ts'
import { deviceTimeline, type Timeline } from '../../simulators/timeline.ts'
import { freePort } from '../support/free-port.ts'
import { createSeededRandom } from '../support/seeded-random.ts'
import { spawnKeng } from '../support/spawn-keng.ts'
import { tempDir } from '../support/temp-dir.ts'
import { ascending, createTruthLedger } from '../support/truth-ledger.ts'
import { waitUntil } from '../support/wait-until.ts'
import { createServerClient } from '../torture/server-client.ts'

const t = { onTestFinished }
const SEED = 20_261_122
const KILLS = 3
const DEVICES = 10
const MESSAGES_PER_SECOND = 150
const LENGTH_MS = 7_000
/** Each device is offline, and reboots into 1970, once in so long. */
const EVERY_MS = 3_500
const SHARE = 0.05
/** Less than an offline window brings: the oldest are lost on purpose. */
const SMALL_MEMORY = 5
const LIMIT_MS = 40_000

/** Every third device has a memory that is too small for its time offline. */
function timelineOf({ registration: { id }, intervalMs, sample }: SimulatedDevice, at: number, from: number): Timeline {
  const steps = deviceTimeline({ device: id, seed: SEED, from, until: from + LENGTH_MS, intervalMs, sample })
  const given = { seed: SEED, device: id, everyMs: EVERY_MS, share: SHARE }
  if (at % 3 !== 0) return applyFaults(steps, { ...given, kinds: ['spike', 'reboot', 'offline', 'duplicate'] })
  const broken = applyFaults(steps, { ...given, kinds: ['spike', 'reboot'] })
  const offline = seededSchedule({ ...given, fault: 'offline', shortestMs: EVERY_MS / 8, longestMs: EVERY_MS / 3 })
  return sendAgain(offlineThenBackfill(broken, offline, SMALL_MEMORY), { ...given, withinMs: 100 })
}

test('simulated devices with every fault against a server that is killed three times: the API gives back the truth', async () => {
  const dataDir = tempDir(t)
  const port = await freePort()
  const start = () => spawnKeng(t, { dataDir, env: { KENG_MQTT_PORT: String(port) } })
  let server = await start()
  const devices = fleetLoad.devices({ seed: SEED, devices: DEVICES, rate: MESSAGES_PER_SECOND })
  const issued = await createServerClient(server.ready.http, dataDir).register(
    devices.map(({ registration }) => ({ ...registration })),
  )
  const tokens = new Map(issued.map(({ id, token }) => [id, token]))

  const truth = createTruthLedger()
  const troubles: KengError[] = []
  const clock = createSystemClock()
  const fleet = createFleet(
    { clock, onTruth: truth.add, onTrouble: (error) => troubles.push(error) },
    {
      mqttUrl: server.ready.mqtt,
      devices: devices.map((device, at) => ({
        id: device.registration.id,
        token: tokens.get(device.registration.id) ?? '',
        timeline: timelineOf(device, at, clock.now()),
      })),
    },
  )
  onTestFinished(() => fleet.stop())
  fleet.start()

  const random = createSeededRandom(SEED)
  for (let kill = 1; kill <= KILLS; kill++) {
    const enough = fleet.counts().acknowledged + 50 + random.below(150)
    await waitUntil(`${enough} messages are acknowledged`, () => fleet.counts().acknowledged >= enough, LIMIT_MS)
    await server.kill('SIGKILL')
    server = await start()
  }
  let ended = false
  void fleet.finished.then(() => {
    ended = true
  })
  await waitUntil('every message is acknowledged', () => ended, LIMIT_MS)

  // There was something to go wrong.
  expect(troubles.length).toBeGreaterThan(0)
  expect(new Set(troubles.map(({ code }) => code))).toEqual(new Set(['KENG_CLIENT_UNREACHABLE']))
  for (const fault of ['spike', 'reboot-1970', 'offline']) expect(truth.produced(fault), fault).toBeGreaterThan(10)
  expect(truth.repeated()).toBeGreaterThan(10)
  expect(truth.lost().count).toBeGreaterThan(10)
  expect(truth.produced()).toBeGreaterThan(700)

  expect(truth.unacknowledged()).toEqual([])
  expect(truth.lost().acknowledged).toEqual([])
  const client = createServerClient(server.ready.http, dataDir)
  await waitUntil('nothing is in flight', async () => (await client.ledger()).inFlight === 0)
  for (const { device, channel, points, suspects } of truth.channels()) {
    const stored = await client.points(`device=${device}&channel=${channel}&from=0&to=${Date.now() + LENGTH_MS}`)
    const isSuspect = (flags: readonly string[]) => flags.includes('clock-suspect')
    const good = stored.filter(([, , flags]) => !isSuspect(flags)).map(([ts, value]) => [Date.parse(ts), value])
    const rest = stored.filter(([, , flags]) => isSuspect(flags)).map(([, value]) => value)
    expect(good, `${device} ${channel}`).toEqual(points)
    expect(rest.sort(ascending), `${device} ${channel} of 1970`).toEqual(suspects)
    expect(stored.every(([, , flags]) => flags.includes('simulated'))).toBe(true)
  }
  const { received, stored, duplicate, ...others } = await client.ledger()
  expect(others).toEqual({ partial: 0, rejected: 0, inFlight: 0 })
  expect(stored).toBe(truth.produced())
  // Beyond what devices repeat by themselves: messages that were durable when the server was killed, and not acknowledged.
  expect(duplicate).toBeGreaterThanOrEqual(truth.repeated())
  expect(received).toBe(stored + duplicate)
})
