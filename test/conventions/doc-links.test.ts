import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'

import { filesUnder, ROOT, readSource } from '../support/source-files.ts'

/** Targets of `[text](target)` and `![text](target)` that are no address of elsewhere. */
const linksOf = (page: string): string[] =>
  [...readSource(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))

/** As GitHub makes them: lower case, blanks as hyphens, other signs left out. */
const anchorsOf = (page: string): string[] =>
  [...readSource(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

function isDead(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : posix.join(posix.dirname(page), path)
  if (!existsSync(ROOT + file)) return true
  return anchor !== undefined && !anchorsOf(file).includes(anchor)
}

test('every link between the pages of the project leads somewhere', () => {
  const links = filesUnder('', '.md').flatMap((page) => linksOf(page).map((target) => ({ page, target })))
  expect(links.length).toBeGreaterThan(20)
  expect(links.filter(({ page, target }) => isDead(page, target))).toEqual([])
})

test('every page of docs that the sources and texts name is there', () => {
  const named = [...filesUnder('', '.md', '.ts', '.tsx', '.mjs')]
    .filter((file) => !file.startsWith('test/'))
    .flatMap((file) => [...readSource(file).matchAll(/\bdocs\/[a-z0-9/-]+\.md\b/g)].map(([page]) => ({ file, page })))
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(({ page }) => !existsSync(ROOT + page))).toEqual([])
})
