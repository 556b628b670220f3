/** `keng link`: a fresh link that opens the page with a session. */

import { connectToServer } from '../local-server.ts'
import type { Terminal } from '../terminal.ts'

export async function link(options: { json?: true }, terminal: Terminal): Promise<void> {
  const code = (await connectToServer().post('/api/v1/session/codes')) as { url: string }
  terminal.out(options.json ? JSON.stringify(code) : code.url)
}
