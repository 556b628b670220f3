import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPage, startChromium } from '../support/open-page.ts'
import { isAbsent } from '../support/requirement.ts'

/** Columns of the canvas that hold a pixel of the curve's colour, as runs: a gap divides two. */
const RUNS_OF_CURVE = `(() => {
  const canvas = document.querySelector('.chart canvas')
  const { width, height } = canvas
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height)
  const [r, g, b] = getComputedStyle(document.documentElement).getPropertyValue('--chart-line').trim().match(/[0-9a-f]{2}/g).map((hex) => parseInt(hex, 16))
  const runs = []
  let before = -99
  for (let x = 0; x < width; x += 1) {
    let found = false
    for (let y = 0; y < height && !found; y += 1) {
      const at = (y * width + x) * 4
      found = data[at + 3] > 200 && Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b) < 12
    }
    if (!found) continue
    if (x - before > 20) runs.push([x, x])
    runs[runs.length - 1][1] = x
    before = x
  }
  return runs
})()`

describe.skipIf(isAbsent('chromium'))('the chart', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startChromium()
  })
  afterAll(() => browser?.close())

  test('draws the hour with its gap, and appends what arrives', async (t) => {
    const { page, server, evaluate, complaints } = await openPage(t, browser)
    await page.locator('.station', { hasText: 'ws-01' }).locator('.value').nth(1).click()
    await expect.poll(() => page.locator('.chart-title').innerText()).toMatch(/^Mực nước\s+Cầu Ông Thìn · m/)
    await expect.poll(() => evaluate<number[][]>(RUNS_OF_CURVE)).toHaveLength(2)
    server.publish('ws-01', 'water.level', { value: 3.21 })
    await expect
      .poll(() => page.locator('.chart-summary').innerText())
      .toMatch(/Cao nhất\s+3,21\sm[\s\S]*Mới nhất\s+3,21\sm/)
    expect(complaints).toEqual([])
  })

  test('names what is doubtful and what is not used', async (t) => {
    const { page } = await openPage(t, browser)
    await page.locator('.station', { hasText: 'ws-01' }).locator('.value').first().click()
    await expect.poll(() => page.locator('.legend').innerText()).toMatch(/có dấu nghi ngờ[\s\S]*không dùng/)
  })

  test('shows a day and a week with lowest and highest values', async (t) => {
    const { page, evaluate } = await openPage(t, browser)
    for (const period of ['24 giờ', '7 ngày']) {
      await page.getByRole('button', { name: period }).click()
      await expect.poll(() => page.locator('.legend').innerText()).toContain('thấp nhất – cao nhất')
      await expect.poll(() => evaluate<number[][]>(RUNS_OF_CURVE).then((runs) => runs.length)).toBeGreaterThan(0)
    }
  })

  test('tells the time of Vietnam, wherever the machine is, by mouse and by arrow keys', async (t) => {
    const { page, evaluate } = await openPage(t, browser)
    await expect.poll(() => evaluate<number[][]>(RUNS_OF_CURVE).then((runs) => runs.length)).toBeGreaterThan(0)
    await page.locator('.plot').focus()
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => page.locator('.tip').innerText()).toMatch(/^\d\d:\d\d:\d\d/)
    const newest = await page.locator('.tip-time').innerText()
    const ago = await evaluate<number>(
      `(() => { const [h, m, s] = ${JSON.stringify(newest)}.split(' ')[0].split(':').map(Number); return (Date.now() / 1000 + 7 * 3600 - (h * 3600 + m * 60 + s)) % 86400 })()`,
    )
    expect(ago).toBeLessThan(180)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => page.locator('.tip-time').innerText()).not.toBe(newest)
    await page.locator('.plot').hover()
    await expect.poll(() => page.locator('.tip').innerText()).toMatch(/\d\d:\d\d:\d\d/)
  })
})
