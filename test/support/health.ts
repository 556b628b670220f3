/** What a running server says of itself without a login. */

export interface Health {
  readonly status: number
  readonly parts: Readonly<Record<string, { readonly ready: boolean; readonly detail: string }>>
}

export async function readHealth(http: string): Promise<Health> {
  const response = await fetch(`${http}/readyz`)
  const { parts } = (await response.json()) as Pick<Health, 'parts'>
  return { status: response.status, parts }
}

/** The number behind a metric's name, labels included: `keng_ingest_refused_total{reason="stuck"}`. */
export async function readMetric(http: string, name: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text()
  const line = text.split('\n').find((each) => each.startsWith(`${name} `))
  if (line === undefined) throw new Error(`/metrics has no ${name}`)
  return Number(line.slice(name.length + 1))
}
