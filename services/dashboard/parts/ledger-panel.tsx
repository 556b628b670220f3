/** The ledger in plain words: what came in, what became of it, and that the sum is right. */

import { checkLedger, LEDGER_PARTS } from '../model/check-ledger.ts'
import { formatCount } from '../model/format-number.ts'
import { LineIcon } from './icons.tsx'
import { useAge, usePage } from './page-context.ts'
import { RejectionTable } from './rejection-table.tsx'

export function LedgerPanel() {
  const { ledger, words, language } = usePage()
  const read = ledger.ledger.value
  const age = useAge(() => ledger.ledger.value?.readAt ?? null)
  const text = words.value
  const count = (n: number): string => formatCount(n, language.value)
  const open = ledger.showRejections.value
  return (
    <section class="panel ledger" id="ledger" aria-labelledby="ledger-title" tabIndex={-1}>
      <div class="panel-head">
        <h2 id="ledger-title">{text.ledger}</h2>
        {read !== null && <span class="ledger-age">{text.ledgerRead(age.value)}</span>}
      </div>
      {read === null && <p class="empty">{text.ledgerUnknown}</p>}
      {read !== null && (
        <>
          <p class="ledger-verdict" data-wrong={checkLedger(read.counts).missing !== 0}>
            {checkLedger(read.counts).missing === 0 ? <LineIcon name="check" /> : <LineIcon name="close" />}
            {checkLedger(read.counts).missing === 0
              ? text.ledgerBalanced(count(read.counts.received))
              : text.ledgerOff(count(checkLedger(read.counts).missing))}
          </p>
          <table class="sum">
            <tbody>
              {LEDGER_PARTS.map((part, index) => (
                <tr key={part} data-zero={read.counts[part] === 0}>
                  <td class="sum-sign">{index === 0 ? '' : '+'}</td>
                  <td class="sum-number">{count(read.counts[part])}</td>
                  <th scope="row">{text[part]}</th>
                </tr>
              ))}
              <tr class="sum-total">
                <td class="sum-sign">=</td>
                <td class="sum-number">{count(checkLedger(read.counts).sum)}</td>
                <th scope="row">{text.sum}</th>
              </tr>
            </tbody>
          </table>
          <button
            type="button"
            class="quiet"
            aria-expanded={open}
            aria-controls="rejections"
            onClick={() => {
              ledger.showRejections.value = !open
              if (!open) void ledger.read()
            }}
          >
            {open ? text.hideRejections : text.showRejections}
          </button>
        </>
      )}
      <div id="rejections">{open && <RejectionTable />}</div>
    </section>
  )
}
