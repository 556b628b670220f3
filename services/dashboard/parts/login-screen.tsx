/** What a person without a session sees: where the link is, and how to get a new one. */

import { Gong } from './icons.tsx'
import { LanguageSwitch } from './language-switch.tsx'
import { usePage } from './page-context.ts'

export function LoginScreen() {
  const { session, words, enter } = usePage()
  const state = session.value
  const text = words.value
  if (state.step === 'checking') {
    return (
      <main class="login" aria-busy="true">
        <Gong />
        <p role="status">{text.loginChecking}</p>
      </main>
    )
  }
  let why: string | null = null
  if (state.step === 'out' && state.why !== null) {
    if (state.why === 'ended') why = text.sessionEnded
    else if (state.why === 'used') why = text.loginUsed
    else if (state.why === 'too-many') why = text.loginTooMany
    else why = text.loginFailed(state.why.status === 0 ? text.serverAway : state.why.message)
  }
  return (
    <main class="login">
      <div class="login-top">
        <Gong />
        <h1>{text.appName}</h1>
        <LanguageSwitch />
      </div>
      <div class="login-card">
        {why !== null && (
          <p class="login-why" role="alert">
            {why}
          </p>
        )}
        <h2>{text.loginTitle}</h2>
        <ol>
          {text.loginSteps.map((step, index) => (
            <li key={step}>
              {step}
              {index === text.loginSteps.length - 1 && <code>{text.loginCommand}</code>}
            </li>
          ))}
        </ol>
        <button type="button" class="button" onClick={() => void enter(null)}>
          {text.retry}
        </button>
      </div>
    </main>
  )
}
