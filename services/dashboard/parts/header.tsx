/** Who we are, whether this is simulated, whether the page is live. */

import { Gong } from './icons.tsx'
import { LanguageSwitch } from './language-switch.tsx'
import { useAge, usePage } from './page-context.ts'
import { StaleBanner } from './stale-banner.tsx'

function LinkState() {
  const { feed, words } = usePage()
  const link = feed.link.value
  const says = { connecting: words.value.connecting, live: words.value.live, lost: words.value.reconnecting }[link]
  const age = useAge(() => feed.lastMessageAt.value)
  return (
    <p class="link-state" data-link={link}>
      <span class="link-dot" aria-hidden="true" />
      <span role="status">{says}</span>
      <span class="link-age">
        {feed.lastMessageAt.value === null ? words.value.noMessageYet : words.value.lastMessage(age.value)}
      </span>
    </p>
  )
}

export function Header() {
  const page = usePage()
  const words = page.words.value
  const simulated = page.stations.anySimulated.value
  return (
    <header class="header">
      <div class="brand">
        <Gong />
        <div>
          <h1>{words.appName}</h1>
          <p class="commune">{simulated ? words.simulatedCommune : words.communeMonitoring}</p>
        </div>
      </div>
      {simulated && (
        <strong class="simulated" title={words.simulatedHint}>
          {words.simulated}
        </strong>
      )}
      <LinkState />
      <div class="header-tools">
        <LanguageSwitch />
        <button type="button" class="quiet leave" onClick={() => void page.leave()}>
          {words.leave}
        </button>
      </div>
      <StaleBanner />
    </header>
  )
}
