/** The layers of docs/architecture.md, over the real import graph. */

import { describe, expect, test } from 'vitest'

import { type Import, importsOf, withoutComments } from '../support/import-graph.ts'
import { readSource, sourceFiles } from '../support/source-files.ts'

const files = sourceFiles()
const edges = files.flatMap((from) => importsOf(from, readSource(from)).map((to) => ({ from, ...to })))

type Rule = (file: string) => RegExp

const folderOf = (file: string): string => file.split('/').slice(0, 2).join('/')
const adapterOf = (file: string): string => file.split('/').slice(0, 3).join('/')

const escaped = (path: string): string => path.replaceAll('/', '\\/')

/** Which paths a file may import, by where it lives. The first match counts. */
const RULES: readonly (readonly [where: RegExp, mayImport: Rule])[] = [
  [/^libs\/core\//, () => /^libs\/core\//],
  [/^libs\/ports\//, () => /^libs\/(core|ports)\//],
  [/^libs\/runtime\//, () => /^libs\/(core|ports|runtime)\//],
  [/^libs\/adapters\//, (file) => new RegExp(`^(libs/(core|ports|runtime)|${escaped(adapterOf(file))})/`)],
  [/^services\/all-in-one\//, () => /^(libs|services|simulators)\//],
  [
    /^services\/cli\//,
    () =>
      /^(libs\/(core|ports|runtime)\/|services\/cli\/|services\/all-in-one\/main\.ts$|simulators\/(faults\/)?[a-z-]+\.ts$)/,
  ],
  [/^services\/[a-z]+\/main\.ts$/, (file) => new RegExp(`^(libs|${escaped(folderOf(file))})/`)],
  [/^services\/ingest\/open-broker\.ts$/, () => /^(libs|services\/ingest)\//],
  [/^services\//, (file) => new RegExp(`^(libs/(core|ports|runtime)|${escaped(folderOf(file))})/`)],
  [/^simulators\//, () => /^(libs\/(core|ports|runtime)|simulators)\//],
]

const mayImport = (from: string, to: string): boolean => {
  const rule = RULES.find(([where]) => where.test(from))
  return rule?.[1](from).test(to) ?? false
}

// TypeBox describes shapes and checks them: no I/O, no clock.
const PURE = new Set(['node:buffer', 'node:crypto', 'typebox', 'typebox/value'])

describe('layers', () => {
  test('the graph that is checked is the real one', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(edges.filter(({ path }) => path !== undefined).length).toBeGreaterThan(200)
    const known = new Set(files)
    const lost = edges.filter(({ path }) => path !== undefined && /\.(ts|tsx|mjs)$/.test(path) && !known.has(path))
    expect(lost.map(({ from, specifier }) => `${from} → ${specifier}`)).toEqual([])
  })

  test('every import goes down, and services know each other only in all-in-one', () => {
    const wrong = edges.filter(
      ({ from, path }) => path !== undefined && !path.startsWith('dist/') && !mayImport(from, path),
    )
    expect(wrong.map(({ from, path }) => `${from} → ${path}`)).toEqual([])
  })

  test('core needs nothing but the language, buffers, hashes and schemas', () => {
    const foreign = ({ from, specifier, path }: Import & { from: string }) =>
      from.startsWith('libs/core/') && path === undefined && !PURE.has(specifier)
    expect(edges.filter(foreign).map(({ from, specifier }) => `${from} → ${specifier}`)).toEqual([])
  })

  test('ports are interfaces: they import nothing from outside', () => {
    const foreign = edges.filter(({ from, path }) => from.startsWith('libs/ports/') && path === undefined)
    expect(foreign.map(({ from, specifier }) => `${from} → ${specifier}`)).toEqual([])
  })

  test('core reads no clock, no chance and no environment', () => {
    const impure =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bperformance\.|\bset(Timeout|Interval|Immediate)\(|\bfetch\(|\brandom(Bytes|UUID|Int)\b/
    const found = files
      .filter((file) => file.startsWith('libs/core/'))
      .filter((file) => impure.test(withoutComments(readSource(file))))
    expect(found).toEqual([])
  })

  test('time and chance reach services through the clock port', () => {
    const composed = /^services\/(cli|all-in-one|dashboard)\/|\/main\.ts$|\/open-broker\.ts$/
    const found = files
      .filter((file) => file.startsWith('services/') && !composed.test(file))
      .filter((file) => /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(withoutComments(readSource(file))))
    expect(found).toEqual([])
  })
})

describe('the reader of imports', () => {
  const text = `import { a } from './a.ts'
// import { gone } from './gone.ts'
import {
  b,
} from '../b/b.ts'
import type { C } from 'package'
const worker = new URL('./worker.ts', import.meta.url)
await import('./lazy.ts')`

  test('finds imports of several lines, lazy ones and workers, and none in comments', () => {
    expect(
      importsOf('services/x/main.ts', text)
        .map(({ specifier, path }) => path ?? specifier)
        .sort(),
    ).toEqual(['package', 'services/b/b.ts', 'services/x/a.ts', 'services/x/lazy.ts', 'services/x/worker.ts'])
  })

  test.each([
    ['libs/core/reading.ts', 'libs/ports/clock.ts'],
    ['libs/runtime/config.ts', 'libs/adapters/memory/memory-event-log.ts'],
    ['libs/adapters/memory/memory-event-log.ts', 'libs/adapters/segment/disk.ts'],
    ['services/store/store-service.ts', 'services/decode/decode-service.ts'],
    ['services/store/store-service.ts', 'libs/adapters/duckdb/schema.ts'],
    ['simulators/fleet.ts', 'services/ingest/rights.ts'],
  ])('%s may not import %s', (from, to) => {
    expect(mayImport(from, to)).toBe(false)
  })
})
