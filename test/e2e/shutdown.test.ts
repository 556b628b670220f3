/** SIGTERM while devices send as fast as they can: what was acknowledged is there after the next start. */

import { expect, test } from 'vitest'

import { spawnKeng } from '../support/spawn-keng.ts'
import { tempDir } from '../support/temp-dir.ts'
import { createServerClient } from '../torture/server-client.ts'
import { createTortureDevice } from '../torture/torture-device.ts'

const ROUNDS = 2
/** Acknowledgements of each device in a round before the signal comes: by then all are in full flow. */
const UNDER_WAY = 300

test(`SIGTERM under load, ${ROUNDS} times: exit 0 in less than 10 s, nothing that was acknowledged is missing or twice`, async (t) => {
  const dataDir = tempDir(t)
  const startTs = Date.now()
  let server = await spawnKeng(t, { dataDir })
  const issued = await createServerClient(server.ready.http, dataDir).register(['one', 'two', 'three', 'four'])
  const devices = issued.map(({ id, token }, at) =>
    createTortureDevice({ id, token, qos: at % 2 === 0 ? 1 : 2, window: 50, startTs }),
  )
  t.onTestFinished(() => {
    for (const device of devices) device.drop()
  })
  for (let round = 0; round < ROUNDS; round++) {
    const before = devices.map(({ acknowledged }) => acknowledged.length)
    for (const device of devices) device.connect(Number(new URL(server.ready.mqtt).port))
    const isUnderWay = () =>
      devices.every(({ acknowledged }, at) => acknowledged.length > (before[at] ?? 0) + UNDER_WAY)
    await expect.poll(isUnderWay).toBe(true)
    const asked = performance.now()
    expect(await server.kill('SIGTERM')).toEqual({ status: 0, signal: null })
    expect(performance.now() - asked).toBeLessThan(10_000)
    server = await spawnKeng(t, { dataDir })
  }
  const client = createServerClient(server.ready.http, dataDir)
  await expect.poll(() => client.ledger()).toMatchObject({ inFlight: 0 })
  for (const { id, acknowledged, produced } of devices) {
    const values = await client.values(id, 'device.counter', startTs, startTs + produced)
    expect(new Set(values).size).toBe(values.length)
    const stored = new Set(values)
    expect(acknowledged.filter((seq) => !stored.has(seq))).toEqual([])
  }
})
