/** All stations, troubled ones first, with a search that ignores accents. */

import { useSignal } from '@preact/signals'
import { plainText } from '../model/judge-station.ts'
import { LineIcon } from './icons.tsx'
import { usePage } from './page-context.ts'
import { StationCard } from './station-card.tsx'

/** Below this many a search is only in the way. */
const SEARCH_FROM = 9

export function StationList() {
  const { stations, words } = usePage()
  const wanted = useSignal('')
  const all = stations.ordered.value
  const text = words.value
  const plain = plainText(wanted.value.trim())
  const found =
    plain === ''
      ? all
      : all.filter((station) => plainText(`${station.facts.value.name ?? ''} ${station.id}`).includes(plain))
  return (
    <section class="panel stations" id="stations" aria-labelledby="stations-title" tabIndex={-1}>
      <div class="panel-head">
        <h2 id="stations-title">
          {text.stations}
          {all.length > 0 && <span class="count">{all.length}</span>}
        </h2>
        {all.length >= SEARCH_FROM && (
          <label class="search">
            <LineIcon name="search" />
            <span class="voice">{text.findStation}</span>
            <input
              type="search"
              placeholder={text.findStation}
              value={wanted.value}
              onInput={(event) => {
                wanted.value = event.currentTarget.value
              }}
            />
          </label>
        )}
      </div>
      {!stations.loaded.value && <p class="empty">{text.loadingStations}</p>}
      {stations.loaded.value && all.length === 0 && <p class="empty">{text.noStations}</p>}
      {all.length > 0 && found.length === 0 && <p class="empty">{text.noStationFound(wanted.value)}</p>}
      <ul class="station-cards">
        {found.map((station) => (
          <StationCard key={station.id} station={station} />
        ))}
      </ul>
    </section>
  )
}
