/** The verbs of `keng`, their options, and how each run ends: 0 done, 1 failed, 2 wrong usage or settings. */

import { Command, CommanderError, InvalidArgumentError } from 'commander'

import { isKengError } from '../../libs/core/errors.ts'
import { errorLine } from '../../libs/runtime/lifecycle.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE, type Terminal, UsageError } from './terminal.ts'

/** Runs one command line; resolves with the exit status. `start` goes on in the background after it resolves. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    let status = EXIT_DONE
    const endWith: EndWith = (verbStatus) => {
      status = verbStatus
    }
    await createProgram(terminal, endWith).parseAsync([...args], { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE
    if (error instanceof UsageError) {
      terminal.note(`keng: ${error.message}`)
      return EXIT_USAGE
    }
    terminal.note(errorLine(error))
    return isKengError(error) && error.code === 'KENG_CONFIG_INVALID' ? EXIT_USAGE : EXIT_FAILED
  }
}

/** For verbs that end otherwise than done without an error. */
type EndWith = (status: number) => void

// Each action is imported when it is asked for: `keng link` should not wait for a database to load.
function createProgram(terminal: Terminal, endWith: EndWith): Command {
  const program = new Command('keng')
    .description('Environmental monitoring and alerting for communes. Settings: docs/config.md')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd().replace(/^error: /, 'keng: ')),
    })
    .showSuggestionAfterError(true)

  program
    .command('start')
    .description('run everything in one process')
    .option('--demo', 'with a simulated commune, in ./data-demo unless KENG_DATA_DIR is set')
    .option('--json', 'print the addresses as JSON')
    .action(async (options) => (await import('./verbs/start.ts')).start(options, terminal))

  addDevices(program, terminal)
  addAccounts(program, terminal)
  addPlayers(program, terminal, endWith)

  const rules = program.command('rules').description('alert rules')
  rules
    .command('check')
    .description('say what is wrong with a rules file before it goes live')
    .argument('<file.json>')
    .option('--json', 'print JSON')
    .action(async (file, options) => {
      const right = (await import('./verbs/rules-check.ts')).rulesCheck(file, options, terminal)
      endWith(right ? EXIT_DONE : EXIT_FAILED)
    })

  program
    .command('link')
    .description('print a link that opens the page with a session: used once, ten minutes')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./verbs/link.ts')).link(options, terminal))

  const tokens = program.command('tokens').description('bearer tokens of programs')
  tokens
    .command('rotate-admin')
    .description('replace the token in KENG_DATA_DIR/admin.token')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./verbs/tokens-rotate-admin.ts')).tokensRotateAdmin(options, terminal))

  program
    .command('doctor')
    .description('check settings, data folder, disk and server, and say what to mend')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const well = await (await import('./verbs/doctor.ts')).doctor(options, terminal)
      endWith(well ? EXIT_DONE : EXIT_FAILED)
    })

  return program
}

function addDevices(program: Command, terminal: Terminal): void {
  const devices = program.command('devices').description('the registry of devices')
  devices
    .command('import')
    .description('register the devices of a CSV file, all or none; columns are the fields of POST /api/v1/devices')
    .argument('<file.csv>')
    .option('--tokens <out.csv>', 'write the tokens to a new file, not to standard output')
    .option('--json', 'print JSON')
    .action(async (file, options) => (await import('./verbs/devices-import.ts')).importDevices(file, options, terminal))
  devices
    .command('list')
    .description('all devices and whether they report')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./verbs/devices.ts')).listDevices(options, terminal))
  devices
    .command('rotate')
    .description('give a device a new token; the old one is refused from then on')
    .argument('<id>')
    .option('--json', 'print JSON')
    .action(async (id, options) => (await import('./verbs/devices.ts')).rotateDevice(id, options, terminal))
  devices
    .command('revoke')
    .description('take the token away; the device and its readings stay')
    .argument('<id>')
    .option('--json', 'print JSON')
    .action(async (id, options) => (await import('./verbs/devices.ts')).revokeDevice(id, options, terminal))
}

function addAccounts(program: Command, terminal: Terminal): void {
  const window = (command: Command): Command =>
    command
      .option('--device <id>', 'of one device')
      .option('--from <time>', 'from this arrival on: ISO 8601 or epoch milliseconds')
      .option('--to <time>', 'up to this arrival, exclusive')
      .option('--json', 'print JSON')
  window(
    program.command('ledger').description('what became of the messages: received is the sum of the others'),
  ).action(async (options) => (await import('./verbs/ledger.ts')).ledger(options, terminal))
  window(program.command('rejections').description('messages that were refused, newest first'))
    .option('--code <code>', 'with this code')
    .option('--limit <n>', 'at most so many', wholeNumber, 100)
    .action(async (options) => (await import('./verbs/rejections.ts')).rejections(options, terminal))
}

function addPlayers(program: Command, terminal: Terminal, endWith: EndWith): void {
  program
    .command('simulate')
    .description('simulated devices over real MQTT, on the server of this data folder')
    .argument('<scenario>', 'commune-water or fleet (docs/simulate.md)')
    .option('--devices <n>', 'how many', wholeNumber)
    .option('--seed <n>', 'the same seed gives the same devices and readings', wholeNumber, 1)
    .option('--rate <n>', 'messages a second, all devices together', aboveZero)
    .option('--speed <n>', 'simulated time to real time; faster than 1 ends at now', aboveZero, 1)
    .option('--fault <kind...>', 'offline, duplicate, reboot, spike')
    .option('--fault-every <seconds>', 'each device meets each fault once in so long', aboveZero)
    .option('--duration <seconds>', 'simulated seconds from the first to the last message', aboveZero)
    .option('--truth <file>', 'write what really happened')
    .option('--json', 'print the summary as JSON')
    .action(async (scenario, options) =>
      endWith(await (await import('./verbs/play-devices.ts')).simulate(scenario, options, terminal)),
    )
  program
    .command('replay')
    .description('play a recording as devices, at its own times unless shifted')
    .argument('<file>')
    .requiredOption('--map <map>', 'which columns are what (docs/replay.md)')
    .option('--speed <n>', 'recorded time to real time; as fast as acknowledged unless given', aboveZero)
    .option('--shift <to>', 'now: move all times so that the last row is now')
    .option('--json', 'print the summary as JSON')
    .action(async (file, options) =>
      endWith(await (await import('./verbs/play-devices.ts')).replay(file, options, terminal)),
    )
}

function aboveZero(text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('use a number above 0.')
  return value
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('use a whole number.')
  return Number(text)
}
