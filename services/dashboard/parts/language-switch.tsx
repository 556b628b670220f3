/** Vietnamese or English, as two buttons of one group. */

import type { Language } from '../words/words.ts'
import { usePage } from './page-context.ts'

const NAMES: Readonly<Record<Language, string>> = { vi: 'Tiếng Việt', en: 'English' }

export function LanguageSwitch() {
  const { language, words } = usePage()
  return (
    <fieldset class="switch" aria-label={words.value.language}>
      {(['vi', 'en'] as const).map((code) => (
        <button
          key={code}
          type="button"
          lang={code}
          title={NAMES[code]}
          aria-label={NAMES[code]}
          aria-pressed={language.value === code}
          onClick={() => {
            language.value = code
          }}
        >
          {code.toUpperCase()}
        </button>
      ))}
    </fieldset>
  )
}
