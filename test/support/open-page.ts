/** Opens the built page in Chromium before a made-up commune of its own, and notes whatever the browser complains about. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'

import type { Cleanup } from './cleanup.ts'
import { fakeStations } from './fake-commune.ts'
import { type FakeCommuneServer, startFakeCommuneServer } from './fake-commune-server.ts'

const BUILT_PAGE = fileURLToPath(new URL('../../dist/dashboard', import.meta.url))
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const DESKTOP = { width: 1366, height: 768 }
export const PHONE = { width: 390, height: 844 }
export const SMALL_PHONE = { width: 360, height: 740 }

export function startChromium(): Promise<Browser> {
  const executablePath = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim()
  return chromium.launch({ executablePath, args: ARGS })
}

export interface OpenPage {
  readonly page: Page
  readonly server: FakeCommuneServer
  /** Errors of scripts, of the security policy and of the console, in order. */
  readonly complaints: readonly string[]
  /** Runs in the page. Given as text, because tests know no DOM. */
  evaluate<T>(expression: string): Promise<T>
}

export interface OpenPageOptions {
  readonly size?: { readonly width: number; readonly height: number }
  readonly stations?: number
  /** Opens without the link: there is no session. */
  readonly stranger?: boolean
}

export async function openPage(t: Cleanup, browser: Browser, options: OpenPageOptions = {}): Promise<OpenPage> {
  const server = await startFakeCommuneServer({ root: BUILT_PAGE, stations: fakeStations(options.stations ?? 12) })
  // The machine's own zone must not matter.
  const context = await browser.newContext({ viewport: options.size ?? DESKTOP, timezoneId: 'America/Lima' })
  t.onTestFinished(async () => {
    await context.close()
    await server.close()
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  await page.goto(options.stranger ? server.url : server.link)
  if (!options.stranger) await page.locator('.value').first().waitFor()
  return { page, server, complaints, evaluate: (expression) => page.evaluate(expression) }
}
