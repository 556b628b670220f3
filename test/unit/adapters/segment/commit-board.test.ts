/** Readers in other threads are woken when they sleep, and only then. */

import { expect, it } from 'vitest'
import { createCommitBoard, createRemoteView } from '../../../../libs/adapters/segment/commit-board.ts'
import { turn } from '../../../support/crash-world.ts'

const RAW = 'keng.raw.v1'
const EVENTS = 'keng.events.v1'

it('rings no bell for a reader that does not sleep, and one for a reader that does', async () => {
  const board = createCommitBoard([RAW, EVENTS])
  const shared = board.share(() => {})
  let bells = 0
  shared.bell.on('message', () => bells++)
  const view = createRemoteView(shared)
  for (let end = 1; end <= 100; end++) board.commit(RAW, end, 0, end)
  await turn()
  expect([bells, view.read(RAW).end]).toEqual([0, 100])

  let woken = 0
  view.onceBeyond(RAW, 100, () => woken++)
  board.commit(EVENTS, 1, 0, 1)
  expect(woken).toBe(0)
  for (let end = 101; end <= 200; end++) board.commit(RAW, end, 0, end)
  await expect.poll(() => woken).toBe(1)
  expect(bells).toBe(1)
  view.close()
  board.close()
})

it('calls back at once where the end has moved on already, and not at all after it was cancelled', async () => {
  const board = createCommitBoard([RAW])
  let woken = 0
  board.commit(RAW, 5, 0, 5)
  board.view.onceBeyond(RAW, 4, () => woken++)
  expect(woken).toBe(1)
  const cancel = board.view.onceBeyond(RAW, 5, () => woken++)
  cancel()
  board.commit(RAW, 6, 0, 6)
  expect(woken).toBe(1)
  board.close()
})
