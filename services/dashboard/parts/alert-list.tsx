/** What asks for attention now; or since when all is well. */

import { whenWords } from '../model/clock-words.ts'
import { AlertCard } from './alert-card.tsx'
import { LineIcon } from './icons.tsx'
import { usePage } from './page-context.ts'

function AllWell() {
  const { alerts, stations, feed, words, language, now } = usePage()
  const text = words.value
  if (!stations.loaded.value) return <p class="empty">{text.connecting}</p>
  if (feed.link.value === 'lost') {
    return (
      <p class="empty" data-doubt="true">
        <LineIcon name="lost" />
        {text.cannotTell}
      </p>
    )
  }
  const since = alerts.lastClosedAt.value
  const all = stations.ordered.value.length
  const heard = stations.ordered.value.filter((station) => station.health.value === 'reporting').length
  return (
    <div class="all-well" data-doubt={heard < all}>
      <p class="all-well-title">
        <LineIcon name="check" />
        {text.allWell}
      </p>
      {since === 'never' && <p>{text.allWellAlways}</p>}
      {typeof since === 'number' && <p>{text.allWellSince(whenWords(since, now.value, language.value))}</p>}
      {all > 0 && <p>{text.stationsReporting(heard, all)}</p>}
    </div>
  )
}

export function AlertList() {
  const { alerts, words } = usePage()
  const open = alerts.ordered.value
  return (
    <section class="panel alerts" id="alerts" aria-labelledby="alerts-title" tabIndex={-1}>
      <h2 id="alerts-title">
        {words.value.alerts}
        {open.length > 0 && <span class="count">{open.length}</span>}
      </h2>
      {open.length === 0 ? (
        <AllWell />
      ) : (
        <ul class="alert-cards">
          {open.map((entry) => (
            <AlertCard key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
    </section>
  )
}
