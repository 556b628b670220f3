/** Gives the components the page's state and the words of the chosen language. */

import type { ReadonlySignal } from '@preact/signals'
import { useComputed } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { ageWords } from '../model/age-words.ts'
import type { PageState } from '../state/page-state.ts'

export const PageContext = createContext<PageState | null>(null)

export function usePage(): PageState {
  const page = useContext(PageContext)
  if (page === null) throw new Error('rendered outside of PageContext')
  return page
}

/** Words for the age of `since`, as a signal: its text node alone changes, once the words do. `clock` may stand still out of view. */
export function useAge(since: () => number | null, clock?: ReadonlySignal<number>): ReadonlySignal<string> {
  const { now, words } = usePage()
  return useComputed(() => {
    const from = since()
    return from === null ? '' : ageWords((clock ?? now).value - from, words.value)
  })
}
