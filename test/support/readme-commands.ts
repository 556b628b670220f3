/** The commands that README.md asks people to type: lines of its ```sh blocks under the headings "Start" and "Try it". */

const HEADINGS = new Set(['Start', 'Try it'])
const COMMAND = /^(?:npx keng|npm|curl)\b/

/** In order; a line that ends with a backslash goes on with the next. Remarks behind a # stay: the shell passes over them. */
export function readmeCommands(page: string): string[] {
  const commands: string[] = []
  let heading = ''
  let inBlock = false
  for (const line of page.replaceAll(/\\\n\s*/g, '').split('\n')) {
    if (line.startsWith('```')) inBlock = !inBlock && line === '```sh'
    else if (inBlock) {
      if (HEADINGS.has(heading) && COMMAND.test(line)) commands.push(line)
    } else if (line.startsWith('#')) heading = line.replace(/^#+\s*/, '').trim()
  }
  return commands
}
