/** The state of the commune in one line; each part leads to its section. */

import { checkLedger } from '../model/check-ledger.ts'
import { formatCount } from '../model/format-number.ts'
import { SEVERITY_RANK } from '../model/judge-station.ts'
import { LineIcon, SeverityIcon } from './icons.tsx'
import { usePage } from './page-context.ts'

export function SummaryBar() {
  const { alerts, stations, ledger, words, language } = usePage()
  const open = alerts.ordered.value
  if (!stations.loaded.value) return <nav class="summary" aria-label={words.value.appName} />
  const severities = open
    .map((entry) => entry.alert.value)
    .filter((alert) => alert.hidden === null)
    .map((alert) => alert.severity)
  const worst = severities.sort((a, b) => SEVERITY_RANK[b] - SEVERITY_RANK[a])[0]
  const silent = stations.silent.value
  const counts = ledger.ledger.value?.counts
  return (
    <nav class="summary" aria-label={words.value.appName}>
      <a href="#alerts" class="summary-part" data-severity={worst ?? (open.length === 0 ? 'none' : 'hidden')}>
        {worst !== undefined && <SeverityIcon severity={worst} />}
        {open.length === 0 && <LineIcon name="check" />}
        {open.length === 0 ? words.value.allWell : words.value.alertCount(open.length)}
      </a>
      <a href="#stations" class="summary-part">
        {words.value.stationCount(stations.ordered.value.length)}
        {silent > 0 && <span class="summary-silent">{words.value.silentCount(silent)}</span>}
      </a>
      {counts !== undefined && (
        <a href="#ledger" class="summary-part" data-wrong={checkLedger(counts).missing !== 0}>
          <LineIcon name={checkLedger(counts).missing === 0 ? 'check' : 'close'} />
          {checkLedger(counts).missing === 0
            ? words.value.ledgerShort(formatCount(counts.received, language.value))
            : words.value.ledgerOff(formatCount(checkLedger(counts).missing, language.value))}
        </a>
      )}
    </nav>
  )
}
