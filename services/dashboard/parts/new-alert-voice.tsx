/** Reads a new alert out to people who use a screen reader. */

import { usePage } from './page-context.ts'

export function NewAlertVoice() {
  const { alerts, words, language } = usePage()
  const alert = alerts.announced.value
  return (
    <div class="voice" aria-live="assertive" role="alert">
      {alert === null ? '' : words.value.newAlert(words.value.severity[alert.severity], alert.message[language.value])}
    </div>
  )
}
