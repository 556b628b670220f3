/** Starts the page: takes the one-time code out of the address and draws. */

import { render } from 'preact'
import { App } from './parts/app.tsx'
import { PageContext } from './parts/page-context.ts'
import { createPageState } from './state/page-state.ts'

/** The code of `#enter=CODE`, taken out of the address so that it stays in no history, picture or copied link. */
function takeCode(): string | null {
  const found = /^#enter=([^&]+)$/.exec(location.hash)
  if (found === null) return null
  history.replaceState(null, '', location.pathname + location.search)
  return decodeURIComponent(found[1] ?? '')
}

const page = createPageState()
const root = document.getElementById('page')
if (root !== null) {
  render(
    <PageContext.Provider value={page}>
      <App />
    </PageContext.Provider>,
    root,
  )
}
void page.enter(takeCode())
// The link opened in a tab that shows the page already changes the fragment only.
addEventListener('hashchange', () => {
  const code = takeCode()
  if (code !== null) void page.enter(code)
})
