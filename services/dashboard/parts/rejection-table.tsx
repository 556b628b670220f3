/** The last messages that could not be used: when, from whom, why. */

import { secondWords, whenWords } from '../model/clock-words.ts'
import { usePage } from './page-context.ts'

export function RejectionTable() {
  const { ledger, words, language, now } = usePage()
  const rejections = ledger.rejections.value
  const text = words.value
  const reasons: Readonly<Record<string, string | undefined>> = text.rejectionReasons
  if (rejections === null) return <p class="empty">{text.chartLoading}</p>
  if (rejections.length === 0) return <p class="empty">{text.noRejections}</p>
  return (
    <table class="rejections">
      <thead>
        <tr>
          <th scope="col">{text.rejectionTime}</th>
          <th scope="col">{text.rejectionDevice}</th>
          <th scope="col">{text.rejectionReason}</th>
        </tr>
      </thead>
      <tbody>
        {rejections.map((rejection) => (
          <tr key={rejection.id}>
            <td>{whenWords(Date.parse(rejection.receivedAt), now.peek(), language.value, secondWords)}</td>
            <td>{rejection.device}</td>
            <td>
              {reasons[rejection.code] ?? rejection.message}
              <code title={rejection.message}>{rejection.code}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
