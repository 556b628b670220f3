/** Adds up V8 CPU profiles by part of the program: whose code was on the processor. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface ThreadProfile {
  /** Seconds on the processor, idle time left out. */
  readonly busySeconds: number
  /** Share of the busy time by package, folder of ours, or part of the engine; largest first. */
  readonly shares: readonly { readonly part: string; readonly share: number }[]
}

/** One for each thread, busiest first. Work in native threads (disk, DuckDB) is not in these profiles. */
export function summariseProfiles(folder: string): ThreadProfile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => summarise(JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile))
    .sort((a, b) => b.busySeconds - a.busySeconds)
}

function summarise({ nodes, samples, timeDeltas }: CpuProfile): ThreadProfile {
  const partOfNode = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame.functionName, callFrame.url)]))
  const micros = new Map<string, number>()
  let busy = 0
  samples.forEach((id, at) => {
    const part = partOfNode.get(id) ?? 'unknown'
    const delta = timeDeltas[at] ?? 0
    if (part === '(idle)') return
    busy += delta
    micros.set(part, (micros.get(part) ?? 0) + delta)
  })
  return {
    busySeconds: busy / 1e6,
    shares: [...micros].map(([part, sum]) => ({ part, share: sum / busy })).sort((a, b) => b.share - a.share),
  }
}

function partOf(functionName: string, url: string): string {
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (dependency !== undefined) return dependency
  const own = /\/dist\/((?:libs|services)\/[^/]+(?:\/[^/]+)?)\//.exec(url)?.[1]
  if (own !== undefined) return own
  if (url.startsWith('node:')) return 'node'
  // Frames without a file are the engine's: (garbage collector), (idle), (program), or calls into the system.
  return functionName.startsWith('(') ? functionName : 'system calls and native code'
}
