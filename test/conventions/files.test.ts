/** Names, lengths and habits of files that the linter does not know. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

import { withoutComments } from '../support/import-graph.ts'
import { filesUnder, ROOT, readSource, sourceFiles } from '../support/source-files.ts'

const LINES_MAX = 300
const FORBIDDEN = new Set(['utils', 'helpers', 'common', 'misc', 'manager', 'data', 'index'])
const TEXT_ENDINGS = ['.ts', '.tsx', '.mjs', '.md', '.json', '.css', '.html', '.csv', '.txt', '.yml', '.yaml', '.sh']

const code = [...sourceFiles(), ...filesUnder('test', '.ts', '.tsx')]
const texts = [...filesUnder('', ...TEXT_ENDINGS), '.ci/run'].filter((file) => file !== 'package-lock.json')

test('the files that are checked are the real ones', () => {
  expect(code.length).toBeGreaterThan(150)
  expect(texts).toContain('README.md')
})

test(`no file is longer than ${LINES_MAX} lines`, () => {
  const sheets = filesUnder('services', '.css')
  const long = [...code, ...sheets].map((file) => [file, readSource(file).split('\n').length - 1] as const)
  expect(long.filter(([, lines]) => lines > LINES_MAX)).toEqual([])
})

test('nothing is exported as default but what a tool asks for', () => {
  const found = sourceFiles().filter((file) =>
    /^export default|\bas default\b/m.test(withoutComments(readSource(file))),
  )
  expect(found).toEqual(['services/dashboard/vite.config.ts'])
})

test('no folder or file has a name that says nothing', () => {
  const names = (file: string): string[] => file.replace(/\.(test\.)?(tsx?|mjs)$/, '').split('/')
  expect(code.filter((file) => names(file).some((name) => FORBIDDEN.has(name)))).toEqual([])
})

test('every source file says in its first line what it is for', () => {
  const opens = (file: string): boolean => /^(#!.*\n)?\/\*\* ?\S|^(#!.*\n)?\/\*\*\n \* \S/.test(readSource(file))
  expect(sourceFiles().filter((file) => !opens(file) && !file.endsWith('.d.ts'))).toEqual([])
})

test('Vietnamese is written in NFC, so that equal words are equal bytes', () => {
  expect(texts.filter((file) => readSource(file) !== readSource(file).normalize('NFC'))).toEqual([])
})

test('no file names a path of a machine or a package registry', () => {
  const machine = /(^|[^a-zA-Z0-9.])\/(root|home|Users|work)\/[a-z]|https?:\/\/[a-z.]*(registry|mirror)\b/
  const itself = 'test/conventions/files.test.ts'
  expect(texts.filter((file) => file !== itself && machine.test(readSource(file)))).toEqual([])
})

test('every test asserts something', () => {
  const tests = code.filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/contract/'))
  expect(tests.filter((file) => !/\bexpect\b|\bassert/.test(readSource(file)))).toEqual([])
})

test('no test waits by the clock alone', () => {
  const sleeps = /\bawait (sleep|delay)\(|setTimeout\(resolve,|await new Promise\(\(\w+\) => setTimeout\(/
  expect(code.filter((file) => file.endsWith('.test.ts') && sleeps.test(readSource(file)))).toEqual([])
})

test('every link of a page to another file leads somewhere', () => {
  const pages = texts.filter((file) => file.endsWith('.md'))
  const links = pages.flatMap((page) =>
    [...readSource(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target = '']) => ({ page, target })),
  )
  expect(links.length).toBeGreaterThan(20)
  const lost = links.filter(({ page, target }) => !existsSync(join(ROOT, dirname(page), target)))
  expect(lost.map(({ page, target }) => `${page} → ${target}`)).toEqual([])
})
