import { describe, expect, test } from 'vitest'

import { runCommandLine } from '../../../services/cli/command-line.ts'
import { table } from '../../../services/cli/terminal.ts'
import { FAULT_KINDS } from '../../../simulators/faults/apply-faults.ts'
import { SCENARIOS } from '../../../simulators/scenarios/catalog.ts'
import { recordingTerminal } from '../../support/recording-terminal.ts'

async function run(...args: string[]) {
  const terminal = recordingTerminal()
  const status = await runCommandLine(args, terminal)
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

describe('the command line', () => {
  test.each(['start', 'simulate', 'replay', 'devices', 'tokens', 'link', 'ledger', 'rejections', 'rules', 'doctor'])(
    'tells how %s is used and exits 0',
    async (verb) => {
      const { status, stdout, stderr } = await run(verb, '--help')
      expect([status, stderr]).toEqual([0, ''])
      expect(stdout).toContain(`Usage: keng ${verb}`)
    },
  )

  test.each([
    [['frobnicate'], 'keng: unknown command'],
    [['ledgr'], 'Did you mean ledger?'],
    [['ledger', '--sensor', 'x'], "keng: unknown option '--sensor'"],
    [['rejections', '--limit', 'many'], 'use a whole number'],
    [['simulate'], "keng: missing required argument 'scenario'"],
    [['simulate', 'commune-water', '--speed', '0'], 'use a number above 0'],
    [['replay', 'x.csv'], "keng: required option '--map <map>' not specified"],
    [['devices', 'import', 'no/such/file.csv'], 'keng: no/such/file.csv cannot be read (ENOENT)'],
    [['rules', 'check', 'no/such/file.json'], 'keng: no/such/file.json cannot be read (ENOENT)'],
  ])('takes %j as wrong usage and exits 2', async (args, message) => {
    const { status, stdout, stderr } = await run(...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })

  test('names every scenario and every fault in the help of simulate', async () => {
    const { stdout } = await run('simulate', '--help')
    for (const name of [...SCENARIOS.map(({ name }) => name), ...FAULT_KINDS]) expect(stdout).toContain(name)
  })
})

test('a table lines its columns up', () => {
  expect(
    table([
      ['id', 'state'],
      ['ws-01', 'ok'],
    ]),
  ).toBe('id     state\nws-01  ok')
})
