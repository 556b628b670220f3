/** Says that what is seen has stopped, when the server is not heard or the lists cannot be loaded. */

import { secondWords } from '../model/clock-words.ts'
import { LineIcon } from './icons.tsx'
import { usePage } from './page-context.ts'

export function StaleBanner() {
  const { feed, words } = usePage()
  const trouble = feed.loadTrouble.value
  const lastMessageAt = feed.lastMessageAt.value
  let text: string | null = null
  if (feed.link.value === 'lost' && lastMessageAt !== null) text = words.value.staleBanner(secondWords(lastMessageAt))
  else if (trouble !== null)
    text = words.value.loadFailed(trouble.status === 0 ? words.value.serverAway : trouble.message)
  return (
    <div class="banner-place" role="alert">
      {text !== null && (
        <p class="banner">
          <LineIcon name="lost" />
          {text}
        </p>
      )}
    </div>
  )
}
