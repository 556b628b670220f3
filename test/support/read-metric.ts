/** Numbers that a running server shows at /metrics. */

/** The value of the line that begins with `series` (`keng_x_total` or `keng_x_total{reason="y"}`); 0 where there is none. */
export async function readMetric(http: string, series: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? 0 : Number(line.slice(series.length + 1))
}

/** Resident memory of the server's process. */
export const residentBytes = (http: string): Promise<number> => readMetric(http, 'process_resident_memory_bytes')
