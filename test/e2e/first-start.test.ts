import { cpus, loadavg } from 'node:os'
import { expect, test } from 'vitest'

import { ROOT, readSource } from '../support/source-files.ts'
import { type KengProcess, spawnKeng, spawnKengProcess } from '../support/spawn-keng.ts'
import { tempDir } from '../support/temp-dir.ts'
import { waitUntil } from '../support/wait-until.ts'

interface Device {
  readonly id: string
  readonly latest: Readonly<Record<string, { readonly value: number; readonly ts: string }>>
}

interface Alert {
  readonly id: string
  readonly state: string
  readonly severity: string
  readonly acknowledged: { readonly by: string; readonly at: string } | null
}

interface Readings {
  readonly points: readonly [ts: string, value: number, flags: string[]][]
}

interface Page {
  readonly cookie: string
  get<Answer>(path: string): Promise<Answer>
  post(path: string, body: object): Promise<number>
}

// Ten seconds on a machine that does nothing else (issue 3); one that is three times overbooked gets three times as long.
const LIMIT_MS = 10_000 * Math.max(1, (loadavg()[0] ?? 0) / cpus().length)
const STATIONS = 6

/** What `npm start` runs, as package.json has it: the launcher and its arguments. */
function npmStart(): { readonly program: string; readonly args: readonly string[] } {
  const { scripts } = JSON.parse(readSource('package.json')) as { scripts: { start: string } }
  const [node, program = '', ...args] = scripts.start.split(' ')
  expect(node).toBe('node')
  return { program: `${ROOT}${program}`, args }
}

/** What a browser does with the session it has. */
function openPage(http: string, cookie: string): Page {
  const headers = { cookie, origin: http }
  return {
    cookie,
    async get<Answer>(path: string) {
      const response = await fetch(`${http}${path}`, { headers })
      if (response.status !== 200) throw new Error(`GET ${path} was answered ${response.status}`)
      return (await response.json()) as Answer
    },
    async post(path, body) {
      const given = { ...headers, 'content-type': 'application/json' }
      return (await fetch(`${http}${path}`, { method: 'POST', headers: given, body: JSON.stringify(body) })).status
    },
  }
}

/** Follows the link that the terminal shows, as the page does. */
async function enter(keng: KengProcess): Promise<{ readonly page: Page; readonly http: string }> {
  const link = await waitUntil('the link is printed', () => /http:\S+#enter=\S+/.exec(keng.stdout())?.[0], LIMIT_MS)
  const { origin: http, hash } = new URL(link)
  const html = await (await fetch(http)).text()
  expect(html).toContain('<html lang="vi">')
  const response = await fetch(`${http}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: http },
    body: JSON.stringify({ code: hash.slice('#enter='.length) }),
  })
  expect(response.status).toBe(201)
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  return { page: openPage(http, cookie), http }
}

const devicesOf = async (page: Page) => (await page.get<{ items: Device[] }>('/api/v1/devices')).items
const activeAlertsOf = async (page: Page) =>
  (await page.get<{ items: Alert[] }>('/api/v1/alerts?state=active&limit=1000')).items
const hasValues = ({ latest }: Device) => Object.keys(latest).length > 0

test('npm start shows live stations and a first alert within ten seconds, and everything is there after kill -9', async (t) => {
  const dataDir = tempDir(t)
  const began = performance.now()
  const first = spawnKengProcess(t, { ...npmStart(), dataDir })
  const { page } = await enter(first)
  const [devices, [alert]] = await waitUntil(
    'every station has values and an alert is open',
    async () => {
      const found = await devicesOf(page)
      const alerts = await activeAlertsOf(page)
      return found.length === STATIONS && found.every(hasValues) && alerts.length > 0 && ([found, alerts] as const)
    },
    LIMIT_MS,
  )
  expect(performance.now() - began).toBeLessThan(LIMIT_MS)
  expect(first.stdout()).toMatch(/Dừng · stop\s+Ctrl\+C/)

  const alertPath = `/api/v1/alerts/${encodeURIComponent(alert?.id ?? '')}`
  expect(await page.post(`${alertPath}/acknowledge`, { comment: 'đã gọi trạm' })).toBe(200)
  const acknowledged = await page.get<Alert>(alertPath)
  expect(acknowledged.acknowledged).toMatchObject({ by: 'admin' })
  const curve = `/api/v1/readings?device=${devices[0]?.id}&channel=water.temperature`
  const before = await waitUntil('readings can be asked for', async () => {
    const { points } = await page.get<Readings>(curve)
    return points.length > 10 && points
  })
  await first.kill('SIGKILL')

  const second = await spawnKeng(t, { ...npmStart(), dataDir })
  const again = openPage(second.ready.http, page.cookie)
  expect((await devicesOf(again)).map(({ id }) => id)).toEqual(devices.map(({ id }) => id))
  expect((await again.get<Alert>(alertPath)).acknowledged).toEqual(acknowledged.acknowledged)
  const from = before[0]?.[0]
  const to = before.at(-1)?.[0]
  const { points } = await again.get<Readings>(`${curve}&from=${from}&to=${Date.parse(to ?? '') + 1}`)
  expect(points).toEqual(before)
  const newest = Math.max(...devices.flatMap(({ latest }) => Object.values(latest).map(({ ts }) => Date.parse(ts))))
  const isNew = ({ latest }: Device) => Object.values(latest).some(({ ts }) => Date.parse(ts) > newest)
  await expect.poll(async () => (await devicesOf(again)).every(isNew), { timeout: LIMIT_MS }).toBe(true)
})
