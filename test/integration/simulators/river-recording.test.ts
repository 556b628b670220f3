import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

import { createVirtualClock } from '../../../libs/runtime/virtual-clock.ts'
import { runReplay } from '../../../simulators/replay-command.ts'
import { startRecordingBroker } from '../../support/recording-broker.ts'
import { startRegistryStandIn } from '../../support/registry-stand-in.ts'

// The recording is not part of the project (docs/replay.md says where it comes from); it is read from beside the checkout.
const RIVER = fileURLToPath(new URL('../../../../shared/data/wq_sensor_sandy_labelled.csv', import.meta.url))
const MAP = fileURLToPath(new URL('../../../simulators/replay/maps/river.json', import.meta.url))
const BRISBANE_HOURS = 10

interface Message {
  readonly ts: number
  readonly values: Readonly<Record<string, number>>
}

/** Reads the file in its own way: no library, no map. */
function expected(): Message[] {
  const [, ...lines] = readFileSync(RIVER, 'utf8').trimEnd().split(/\r?\n/)
  return lines.map((line) => {
    const [stamp = '', level, conductivity, turbidity] = line.split(',')
    const [day, month, year, hour, minute] = stamp.split(/[/ :]/).map(Number)
    return {
      ts: Date.UTC(year ?? 0, (month ?? 0) - 1, day, (hour ?? 0) - BRISBANE_HOURS, minute),
      values: {
        'water.level': Number(level),
        'water.conductivity': Number(conductivity),
        'water.turbidity': Number(turbidity),
      },
    }
  })
}

test('a year of a real river is sent value by value as the file has it, the impossible ones too', async (t) => {
  if (!existsSync(RIVER)) t.skip(`the recording is not there: ${RIVER}`)
  const broker = await startRecordingBroker(t)
  const registry = await startRegistryStandIn(t)
  const printed: string[] = []
  const status = await runReplay(
    {
      clock: createVirtualClock(Date.UTC(2026, 10, 22)),
      print: (line) => printed.push(line),
      warn: (line) => printed.push(line),
      signal: new AbortController().signal,
    },
    {
      server: { httpUrl: registry.url, mqttUrl: broker.url, adminToken: registry.adminToken, tokenFile: null },
      file: RIVER,
      mapFile: MAP,
      speed: null,
      shift: null,
      json: true,
    },
  )
  expect(status).toBe(0)
  const sent = broker.received
    .filter(({ topic }) => topic === 'keng/v1/river-sandy/telemetry')
    .flatMap(({ payload }): Message[] => JSON.parse(payload))
  const values = expected()
  expect(values).toHaveLength(5402)
  expect(sent).toEqual(values)
  expect(sent.filter((message) => (message.values['water.level'] ?? 0) < 0)).toHaveLength(1)
  expect(JSON.parse(printed[0] ?? '')).toMatchObject({
    rows: 5402,
    values: 16_206,
    acknowledged: 5402,
    completed: true,
  })
})
