import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAKE_LEDGER } from '../support/fake-commune.ts'
import { openPage, PHONE, SMALL_PHONE, startChromium } from '../support/open-page.ts'
import { isAbsent } from '../support/requirement.ts'

const SALT = {
  id: 'salt-1',
  device: 'ws-02',
  channel: 'water.salinity',
  value: 4.31,
  severity: 'critical',
  message: { vi: 'Mặn vượt 4 g/L: đóng cống', en: 'Salinity above 4 g/L: close the sluice' },
} as const

const CLASSES_OF_SMALL_TEXT = `[...document.querySelectorAll('#page *')]
  .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
  .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 14)
  .map((element) => element.className)`

/** Notes in window.moved what the browser saw move that nobody had touched. */
const MEASURE_MOVES = `(() => {
  window.moved = []
  new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries())
      for (const { node } of sources) window.moved.push(node?.outerHTML ?? node?.data ?? 'gone')
  }).observe({ type: 'layout-shift' })
})()`

describe.skipIf(isAbsent('chromium'))('the page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startChromium()
  })
  afterAll(() => browser?.close())

  describe('without a session', () => {
    test('says where the link is, and stays out of the console but for the 401', async (t) => {
      const { page, complaints } = await openPage(t, browser, { stranger: true })
      await page.getByText('npx keng link').waitFor()
      expect(await page.locator('h2').innerText()).toBe('Mời vào bằng đường dẫn riêng')
      expect(complaints.filter((text) => !text.includes('401'))).toEqual([])
    })

    test('says that a link was used already, and lets a good one in from the same tab', async (t) => {
      const { page, server, evaluate } = await openPage(t, browser, { stranger: true })
      await page.goto(`${server.url}#enter=used-before`)
      await page.getByText('Đường dẫn này đã dùng rồi hoặc đã hết hạn.').waitFor()
      await page.goto(server.link)
      await page.locator('.value').first().waitFor()
      expect(await evaluate('location.hash')).toBe('')
    })

    test('comes back after logging out', async (t) => {
      const { page } = await openPage(t, browser)
      await page.getByRole('button', { name: 'Đăng xuất' }).first().click()
      await page.getByText('npx keng link').waitFor()
    })
  })

  describe('the stations', () => {
    test('are listed with the silent one first, marked simulated, and with nothing to complain about', async (t) => {
      const { page, complaints } = await openPage(t, browser)
      expect(await page.locator('.station').count()).toBe(12)
      expect(await page.locator('.station h3').first().innerText()).toBe('Kênh Xáng')
      expect(await page.locator('.station').first().innerText()).toMatch(/Im lặng 25 phút/)
      expect(await page.locator('.simulated').innerText()).toBe('MÔ PHỎNG')
      expect(await page.locator('.link-state').innerText()).toMatch(/Trực tiếp/)
      expect(complaints).toEqual([])
    })

    test('show a new value with its age at once, and move nothing', async (t) => {
      const { page, server, evaluate } = await openPage(t, browser)
      const tile = page.locator('.station', { hasText: 'Cầu Ông Thìn' }).first().locator('.value').first()
      await evaluate(MEASURE_MOVES)
      for (const value of [6.91, 7.02, 11.5, 10]) {
        server.publish('ws-01', 'water.ph', { value })
        await expect.poll(() => tile.innerText()).toContain(value.toFixed(2).replace('.', ','))
      }
      expect(await tile.innerText()).toMatch(/vừa xong|giây trước/)
      expect(await evaluate('window.moved')).toEqual([])
      await evaluate("document.querySelector('.board').prepend(document.createElement('hr'))")
      await expect.poll(() => evaluate<number>('window.moved.length')).toBeGreaterThan(0)
    })

    test('keep the last good value, and say why a newer one is not used', async (t) => {
      const { page, server } = await openPage(t, browser)
      const tile = page.locator('.station', { hasText: 'ws-01' }).locator('.value').first()
      server.publish('ws-01', 'water.ph', { value: 7.1 })
      server.publish('ws-01', 'water.ph', { value: 15.2, flags: ['out-of-range'] })
      await expect.poll(() => tile.innerText()).toMatch(/7,10[\s\S]*15,20, không dùng \(ngoài dải đo\)/)
      server.publish('ws-01', 'water.ph', { value: 7.3, flags: ['spike'] })
      await expect.poll(() => tile.innerText()).toMatch(/7,30[\s\S]*nhảy vọt/)
      expect(await tile.innerText()).not.toContain('không dùng')
    })

    test('are found without accents', async (t) => {
      const { page } = await openPage(t, browser)
      await page.getByPlaceholder('Tìm trạm').fill('dam sen')
      await expect.poll(() => page.locator('.station h3').allInnerTexts()).toEqual(['Đầm Sen'])
    })
  })

  describe('an alert', () => {
    test('appears through the live stream, is read out, counted in the title and shown first', async (t) => {
      const { page, server, complaints } = await openPage(t, browser)
      await page.getByText('Chưa từng có báo động nào.').waitFor()
      server.openAlert(SALT)
      await page.locator('.alert-card').waitFor()
      expect(await page.locator('.alert-card').innerText()).toMatch(
        /Khẩn cấp[\s\S]*Mặn vượt 4 g\/L: đóng cống[\s\S]*4,31\sg\/L/,
      )
      expect(await page.locator('.voice[role=alert]').innerText()).toBe(
        `Báo động mới, mức Khẩn cấp: ${SALT.message.vi}`,
      )
      await expect.poll(() => page.title()).toBe('(1) Kẻng')
      await expect.poll(() => page.locator('.station h3').first().innerText()).toBe('Cống Bà Bông')
      await page.locator('.evidence').click()
      await expect.poll(() => page.locator('.chart-title').innerText()).toMatch(/^Độ mặn\s+Cống Bà Bông/)
      expect(complaints).toEqual([])
    })

    test('is acknowledged, and says by whom', async (t) => {
      const { page, server } = await openPage(t, browser)
      server.openAlert(SALT)
      await page.getByRole('button', { name: 'Xác nhận đã biết' }).click()
      await page.getByText(/^admin đã xác nhận lúc \d\d:\d\d:\d\d$/).waitFor()
      expect(await page.locator('.alert-card .button').count()).toBe(0)
    })

    test('that could not be acknowledged says why, and can be tried again', async (t) => {
      const { page, server } = await openPage(t, browser)
      server.openAlert(SALT)
      server.failAcknowledge(503)
      await page.getByRole('button', { name: 'Xác nhận đã biết' }).click()
      await page.getByText('Chưa xác nhận được: the disk is full: make room. Bấm lại để thử lần nữa.').waitFor()
      await page.getByRole('button', { name: 'Xác nhận đã biết' }).click()
      await page.getByText(/^admin đã xác nhận/).waitFor()
    })

    test('that somebody else acknowledged first shows that person', async (t) => {
      const { page, server } = await openPage(t, browser)
      server.openAlert(SALT)
      server.failAcknowledge(409)
      await page.getByRole('button', { name: 'Xác nhận đã biết' }).click()
      await page.getByText(/^chi-lan đã xác nhận/).waitFor()
      expect(await page.locator('.problem').count()).toBe(0)
    })

    test('that returned waits for its acknowledgement, and goes when it is closed', async (t) => {
      const { page, server } = await openPage(t, browser)
      server.openAlert(SALT)
      const at = new Date().toISOString()
      server.changeAlert(SALT.id, { state: 'returned', returnedAt: at })
      await page.getByText(/Đã về bình thường lúc .*, còn chờ xác nhận/).waitFor()
      server.changeAlert(SALT.id, { state: 'closed', closedAt: at })
      await page.getByText(/^Yên ổn từ \d\d:\d\d\.$/).waitFor()
    })

    test('that is hidden or whose sensor fell silent says so', async (t) => {
      const { page, server } = await openPage(t, browser)
      server.openAlert(SALT)
      server.changeAlert(SALT.id, {
        stale: true,
        hidden: { kind: 'shelved', until: null, by: 'admin', why: 'đang rửa đầu đo' },
      })
      await expect
        .poll(() => page.locator('.alert-marks').innerText())
        .toMatch(/Cảm biến im lặng[\s\S]*Đang tạm gác\. admin: đang rửa đầu đo/)
      await expect.poll(() => page.title()).toBe('Kẻng')
    })
  })

  test('speaks English after the switch, and after the next load', async (t) => {
    const { page, server, evaluate } = await openPage(t, browser)
    server.openAlert(SALT)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText(SALT.message.en, { exact: true }).first().waitFor()
    expect(await page.locator('.station').first().innerText()).toMatch(/seconds? ago|Reporting/)
    await page.reload()
    await page.getByRole('heading', { name: 'Message ledger' }).waitFor()
    expect(await evaluate('document.documentElement.lang')).toBe('en')
  })

  test('counts every message, and says so when one is missing', async (t) => {
    const { page, server } = await openPage(t, browser)
    await page.getByText('Đã nhận 12.345 tin, không mất tin nào.').waitFor()
    expect(await page.locator('.sum-total').innerText()).toMatch(/=\s+12\.345\s+Cộng lại/)
    await page.getByRole('button', { name: 'Xem các tin không dùng được gần đây' }).click()
    await expect
      .poll(() => page.locator('.rejections').innerText())
      .toMatch(/ws-01[\s\S]*Không phải JSON[\s\S]*KENG_DECODE_SYNTAX/)
    server.setLedger({ ...FAKE_LEDGER, received: 12_400 })
    await page.getByText('Sổ không khớp: lệch 55 tin. Hãy báo người quản trị.').first().waitFor()
  })

  test('says that the connection is lost, never that all is well then, and catches up by itself', async (t) => {
    const { page, server } = await openPage(t, browser)
    await expect.poll(() => server.streams()).toBe(1)
    server.setAway(true)
    await page.locator('.banner').waitFor()
    expect(await page.locator('.banner').innerText()).toMatch(
      /Mất kết nối với máy chủ\. Số liệu dưới đây dừng ở lúc \d\d:\d\d:\d\d/,
    )
    expect(await page.locator('.alerts').innerText()).toMatch(/chưa biết có báo động hay không/)
    server.openAlert(SALT)
    server.setAway(false)
    await page.locator('.alert-card').waitFor()
    await page.locator('.banner').waitFor({ state: 'detached' })
  })

  describe('on a phone', () => {
    test.for([SMALL_PHONE, PHONE])(
      'of $width px nothing scrolls sideways and no text is below 14 px',
      async (size, t) => {
        const { page, server, evaluate } = await openPage(t, browser, { size })
        for (const severity of ['critical', 'low'] as const) server.openAlert({ ...SALT, id: severity, severity })
        await expect.poll(() => page.locator('.alert-card').count()).toBe(2)
        await page.getByRole('button', { name: 'Xem các tin không dùng được gần đây' }).click()
        await page.locator('.rejections').waitFor()
        expect(await evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0)
        expect(await evaluate(CLASSES_OF_SMALL_TEXT)).toEqual([])
      },
    )

    test('a value opens the chart as a sheet, and Escape gives the focus back', async (t) => {
      const { page, evaluate } = await openPage(t, browser, { size: PHONE })
      const tile = page.locator('.value').first()
      await tile.focus()
      await page.keyboard.press('Enter')
      await page.locator('.chart canvas').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('.chart').waitFor({ state: 'hidden' })
      expect(await evaluate('document.activeElement.classList.contains("value")')).toBe(true)
    })
  })
})
