/** `keng tokens rotate-admin`: replaces the token with every right. */

import { rotateAdminToken } from '../../../libs/runtime/data-dir.ts'
import { loadClientConfig } from '../local-server.ts'
import type { Terminal } from '../terminal.ts'

export function tokensRotateAdmin(options: { json?: true }, terminal: Terminal): void {
  const { dataDir } = loadClientConfig()
  rotateAdminToken(dataDir)
  const file = `${dataDir}/admin.token`
  terminal.out(
    options.json ? JSON.stringify({ file }) : `${file} holds a new token; the old one is refused from now on`,
  )
}
