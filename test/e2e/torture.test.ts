import { expect, onTestFinished, test } from 'vitest'
import { tempDir } from '../support/temp-dir.ts'
import { torture } from '../torture/torture.ts'

test('20 kill -9 at random moments under QoS 1 and 2: nothing acknowledged is missing, nothing is twice, order is kept', async () => {
  const t = { onTestFinished }
  const report = await torture(t, { kills: 20, devices: 9, seed: 20_261_122, dataDir: tempDir(t) })
  expect(report).toMatchObject({ missing: [], twice: [], outOfOrder: [] })
  expect(report.acknowledged).toBeGreaterThan(1_000)
  expect(report.stored).toBeGreaterThanOrEqual(report.acknowledged)
  const { received, stored, partial, duplicate, rejected, inFlight } = report.ledger
  expect(received).toBe((stored ?? 0) + (partial ?? 0) + (duplicate ?? 0) + (rejected ?? 0) + (inFlight ?? 0))
  expect(stored).toBe(report.stored)
  expect(report.slowestRecoveryMs).toBeLessThan(5_000)
}, 120_000)
