/** One alert: how bad, what, where, since when, what is known against it, and who has seen it. */

import { useComputed } from '@preact/signals'
import { durationWords } from '../model/age-words.ts'
import { secondWords, whenWords } from '../model/clock-words.ts'
import { describeChannel, formatValue, withUnit } from '../model/describe-channel.ts'
import type { OpenAlert } from '../state/alert-store.ts'
import type { WireAlert } from '../wire/wire.ts'
import { LineIcon, SeverityIcon } from './icons.tsx'
import { usePage } from './page-context.ts'

function Since({ openedAt }: { openedAt: string }) {
  const { now, words, language } = usePage()
  const from = Date.parse(openedAt)
  const text = useComputed(() =>
    words.value.since(whenWords(from, now.value, language.value), durationWords(now.value - from, words.value)),
  )
  return <time dateTime={openedAt}>{text}</time>
}

function Marks({ alert }: { alert: WireAlert }) {
  const { words, now, language } = usePage()
  const text = words.value
  const when = (iso: string): string => whenWords(Date.parse(iso), now.peek(), language.value)
  const marks: string[] = []
  if (alert.returnedAt !== null)
    marks.push((alert.acknowledged === null ? text.returned : text.returnedAcknowledged)(when(alert.returnedAt)))
  if (alert.stale) marks.push(text.stale)
  if (alert.hidden !== null) {
    const kind = text.hidden[alert.hidden.kind]
    marks.push(
      `${alert.hidden.until === null ? kind : text.hiddenUntil(kind, when(alert.hidden.until))}. ${alert.hidden.by}: ${alert.hidden.why}`,
    )
  }
  if (alert.retrospective) marks.push(text.retrospective)
  if (marks.length === 0) return null
  return (
    <ul class="alert-marks">
      {marks.map((mark) => (
        <li key={mark}>{mark}</li>
      ))}
    </ul>
  )
}

function EvidenceButton({ alert }: { alert: WireAlert }) {
  const { words, language, now, chart } = usePage()
  // The last piece of evidence ended the alert where it has returned; what opened it is the first.
  const proof = alert.evidence[0]
  if (proof === undefined) return null
  const about = describeChannel(proof.channel, proof.unit, language.value)
  const value = withUnit(
    formatValue(proof.unit === 'bool' ? proof.value === 1 : proof.value, about, language.value, words.value),
    about.unit,
  )
  return (
    <button
      type="button"
      class="evidence"
      title={words.value.showChart}
      onClick={() => chart.select({ device: proof.device, channel: proof.channel }, { openSheet: true })}
    >
      <LineIcon name="chart" />
      {words.value.evidence(
        about.name,
        value,
        whenWords(Date.parse(proof.ts), now.peek(), language.value, secondWords),
      )}
    </button>
  )
}

function Acknowledge({ entry, alert }: { entry: OpenAlert; alert: WireAlert }) {
  const { acknowledge, words, now, language } = usePage()
  const state = entry.acknowledging.value
  if (alert.acknowledged !== null) {
    const { by, at } = alert.acknowledged
    return (
      <p class="acknowledged">
        <LineIcon name="check" />
        {words.value.acknowledgedBy(by, whenWords(Date.parse(at), now.peek(), language.value, secondWords))}
      </p>
    )
  }
  return (
    <>
      <button
        type="button"
        class="button"
        aria-disabled={state.step === 'sending'}
        onClick={() => void acknowledge(entry)}
      >
        {state.step === 'sending' ? words.value.acknowledging : words.value.acknowledge}
      </button>
      {state.step === 'failed' && (
        <p class="problem" role="alert">
          {words.value.acknowledgeFailed(state.why)}
        </p>
      )}
    </>
  )
}

export function AlertCard({ entry }: { entry: OpenAlert }) {
  const { words, language, stations } = usePage()
  const alert = entry.alert.value
  const station = stations.find(alert.device)?.facts.value.name ?? alert.device
  return (
    <li
      class="alert-card"
      data-severity={alert.severity}
      data-state={alert.state}
      data-seen={alert.acknowledged !== null || alert.hidden !== null}
    >
      <p class="alert-head">
        <span class="severity">
          <SeverityIcon severity={alert.severity} />
          {words.value.severity[alert.severity]}
        </span>
        {alert.state === 'active' && <span class="alert-state">{words.value.stillActive}</span>}
        {alert.simulated && (stations.mixed.value || !stations.anySimulated.value) && (
          <span class="tag">{words.value.flags.simulated}</span>
        )}
      </p>
      <p class="alert-message">{alert.message[language.value]}</p>
      <p class="alert-where">
        {station}, <Since openedAt={alert.openedAt} />
      </p>
      <Marks alert={alert} />
      <div class="alert-foot">
        <EvidenceButton alert={alert} />
        <Acknowledge entry={entry} alert={alert} />
      </div>
    </li>
  )
}
