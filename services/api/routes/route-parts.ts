/** What routes are made from. */

import type { AlertBook } from '../alert-book.ts'
import type { ApiDeps } from '../api-deps.ts'
import type { LiveFeed } from '../live/live-feed.ts'
import type { Access } from '../login/access.ts'
import type { EnterCodes } from '../login/enter-codes.ts'
import type { Sessions } from '../login/sessions.ts'

export interface RouteParts extends ApiDeps {
  readonly book: AlertBook
  readonly feed: LiveFeed
  readonly sessions: Sessions
  readonly codes: EnterCodes
  readonly access: Access
  /** The link that opens the page with a session. */
  readonly enterUrl: (code: string) => string
}
