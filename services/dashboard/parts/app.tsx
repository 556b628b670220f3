/** The whole page: the login screen without a session, the four sections with one. */

import { AlertList } from './alert-list.tsx'
import { ChartPanel } from './chart-panel.tsx'
import { Header } from './header.tsx'
import { LedgerPanel } from './ledger-panel.tsx'
import { LoginScreen } from './login-screen.tsx'
import { NewAlertVoice } from './new-alert-voice.tsx'
import { usePage } from './page-context.ts'
import { StationList } from './station-list.tsx'
import { SummaryBar } from './summary-bar.tsx'

export function App() {
  const { session, words, feed, leave } = usePage()
  if (session.value.step !== 'in') return <LoginScreen />
  return (
    <div class="app" data-link={feed.link.value}>
      <a class="skip" href="#alerts">
        {words.value.skipToAlerts}
      </a>
      <Header />
      <SummaryBar />
      <main class="board">
        <AlertList />
        <div class="measurements">
          <ChartPanel />
          <StationList />
        </div>
        <LedgerPanel />
      </main>
      <footer class="footer">
        <button type="button" class="quiet" onClick={() => void leave()}>
          {words.value.leave}
        </button>
      </footer>
      <NewAlertVoice />
    </div>
  )
}
